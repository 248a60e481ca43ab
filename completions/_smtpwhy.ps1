
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'smtpwhy' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'smtpwhy'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'smtpwhy' {
            [CompletionResult]::new('--relay', '--relay', [CompletionResultType]::ParameterName, 'Host name of the relay that replied')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'When it replied: connect, ehlo, starttls, auth, mail, rcpt, data, end-of-data')
            [CompletionResult]::new('--direction', '--direction', [CompletionResultType]::ParameterName, 'out: they refused us; in: we refused them')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Read logs, queues, bounces, events: what failed, and what to do')
            [CompletionResult]::new('annotate', 'annotate', [CompletionResultType]::ParameterValue, 'Add to JSON lines what their replies mean')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two logs or saved summaries: what is new, gone, up, down')
            [CompletionResult]::new('unknown', 'unknown', [CompletionResultType]::ParameterValue, 'Group replies that no rule knew, and draft entries for them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a catalogue entry, code, cause, provider or term in full')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Browse and search the catalogue')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check rules of your own, and run their examples')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            break
        }
        'smtpwhy;scan' {
            [CompletionResult]::new('--input', '--input', [CompletionResultType]::ParameterName, 'Read as this format instead of finding out')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a table: reply=…,recipient=…,time=…')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'Print addresses, each once: recipients')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Write the list as a service imports it, verdict remove unless --verdict')
            [CompletionResult]::new('--hash', '--hash', [CompletionResultType]::ParameterName, 'Replace addresses by a salted hash')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Group by these')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Rows of the summary')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order rows by count instead of by what to act on first')
            [CompletionResult]::new('--verdict', '--verdict', [CompletionResultType]::ParameterName, 'Only these verdicts; !retry for all others')
            [CompletionResult]::new('--cause', '--cause', [CompletionResultType]::ParameterName, 'Only these causes')
            [CompletionResult]::new('--who', '--who', [CompletionResultType]::ParameterName, 'Only what these may mend: sender-admin, recipient, ...')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Only recipients of these domains')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only from this time on: 2026-11-21, 2026-11-21T08:00, today, yesterday')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only before this time')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads that read a log [default: one a processor, at most 4]')
            [CompletionResult]::new('--max', '--max', [CompletionResultType]::ParameterName, 'Exit 3 when a verdict is seen more often: remove=10, fix=5%')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Read the files of folders too, oldest first')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the files of folders too, oldest first')
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'Go on with what is written to the file, as tail -F; Ctrl-C ends')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with what is written to the file, as tail -F; Ctrl-C ends')
            [CompletionResult]::new('--from-start', '--from-start', [CompletionResultType]::ParameterName, 'Follow from the start of the file, not from its end')
            [CompletionResult]::new('--each', '--each', [CompletionResultType]::ParameterName, 'Print a line a record instead of a summary')
            [CompletionResult]::new('--spared', '--spared', [CompletionResultType]::ParameterName, 'List addresses that were delivered to after their refusal')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Mask addresses, so that the output can be shown in public')
            [CompletionResult]::new('--unmatched', '--unmatched', [CompletionResultType]::ParameterName, 'Show lines that look like a failure and fit no format')
            [CompletionResult]::new('--unknown', '--unknown', [CompletionResultType]::ParameterName, 'Group replies that no rule knew, and draft entries for them')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Print the steps for every row')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;annotate' {
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'The key of the reply, event.reply in nested objects [default: the first string of reply, response, diagnostic, diagnostic_code, reason, message, text]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;diff' {
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Rows of the table')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;unknown' {
            [CompletionResult]::new('--input', '--input', [CompletionResultType]::ParameterName, 'Read as this format instead of finding out')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Groups to print')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Read the files of folders too, oldest first')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the files of folders too, oldest first')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Mask addresses, so that the output can be shown in public')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;show' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;list' {
            [CompletionResult]::new('--cause', '--cause', [CompletionResultType]::ParameterName, 'Only entries with this cause')
            [CompletionResult]::new('--verdict', '--verdict', [CompletionResultType]::ParameterName, 'Only entries with this verdict')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--stats', '--stats', [CompletionResultType]::ParameterName, 'Count the catalogue by kind instead')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;check' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;completions' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'smtpwhy;man' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl; scan also as csv')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours: auto, always or never')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Who spoke, if the text does not show it: google, ...')
            [CompletionResult]::new('--codes', '--codes', [CompletionResultType]::ParameterName, 'Lay rules of your own over the catalogue: a file or folder')
            [CompletionResult]::new('--is', '--is', [CompletionResultType]::ParameterName, 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --format json')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Make the exit status the verdict')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how the input was read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
