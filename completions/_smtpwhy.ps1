
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
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
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
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a catalogue entry, code, cause, provider or term in full')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Browse and search the catalogue')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check rules of your own, and run their examples')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            break
        }
        'smtpwhy;show' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
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
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
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
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
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
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
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
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print as text, table, json or jsonl')
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
