
use builtin;
use str;

set edit:completion:arg-completer[smtpwhy] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'smtpwhy'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'smtpwhy'= {
            cand --relay 'Host name of the relay that replied'
            cand --stage 'When it replied: connect, ehlo, starttls, auth, mail, rcpt, data, end-of-data'
            cand --direction 'out: they refused us; in: we refused them'
            cand -f 'Print as text, table, json or jsonl; scan also as csv'
            cand --format 'Print as text, table, json or jsonl; scan also as csv'
            cand --color 'Use colours: auto, always or never'
            cand --provider 'Who spoke, if the text does not show it: google, ...'
            cand --codes 'Lay rules of your own over the catalogue: a file or folder'
            cand --is 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble'
            cand --json 'Short for --format json'
            cand --exit-code 'Make the exit status the verdict'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say how the input was read'
            cand --verbose 'Say how the input was read'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand scan 'Read logs, queues, bounces, events: what failed, and what to do'
            cand show 'Show a catalogue entry, code, cause, provider or term in full'
            cand list 'Browse and search the catalogue'
            cand check 'Check rules of your own, and run their examples'
            cand completions 'Print completions for a shell'
            cand man 'Print the manual page'
        }
        &'smtpwhy;scan'= {
            cand --input 'Read as this format instead of finding out'
            cand --columns 'Columns of a table: reply=…,recipient=…,time=…'
            cand --list 'Print addresses, each once: recipients'
            cand --for 'Write the list as a service imports it'
            cand --hash 'Replace addresses by a salted hash'
            cand --by 'Group by these'
            cand --top 'Rows of the summary'
            cand --sort 'Order rows by count instead of by what to act on first'
            cand --verdict 'Only these verdicts; !retry for all others'
            cand --cause 'Only these causes'
            cand --who 'Only what these may mend: sender-admin, recipient, ...'
            cand --domain 'Only recipients of these domains'
            cand --since 'Only from this time on: 2026-11-21, 2026-11-21T08:00, today, yesterday'
            cand --until 'Only before this time'
            cand --max 'Exit 3 when a verdict is seen more often: remove=10, fix=5%'
            cand -f 'Print as text, table, json or jsonl; scan also as csv'
            cand --format 'Print as text, table, json or jsonl; scan also as csv'
            cand --color 'Use colours: auto, always or never'
            cand --provider 'Who spoke, if the text does not show it: google, ...'
            cand --codes 'Lay rules of your own over the catalogue: a file or folder'
            cand --is 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble'
            cand -r 'Read the files of folders too, oldest first'
            cand --recursive 'Read the files of folders too, oldest first'
            cand -F 'Go on with what is written to the file, as tail -F; Ctrl-C ends'
            cand --follow 'Go on with what is written to the file, as tail -F; Ctrl-C ends'
            cand --from-start 'Follow from the start of the file, not from its end'
            cand --each 'Print a line a record instead of a summary'
            cand --spared 'List addresses that were delivered to after their refusal'
            cand --redact 'Mask addresses, so that the output can be shown in public'
            cand --unmatched 'Show lines that look like a failure and fit no format'
            cand --unknown 'Group replies that no rule knew, and draft entries for them'
            cand --full 'Print the steps for every row'
            cand --json 'Short for --format json'
            cand --exit-code 'Make the exit status the verdict'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say how the input was read'
            cand --verbose 'Say how the input was read'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'smtpwhy;show'= {
            cand -f 'Print as text, table, json or jsonl; scan also as csv'
            cand --format 'Print as text, table, json or jsonl; scan also as csv'
            cand --color 'Use colours: auto, always or never'
            cand --provider 'Who spoke, if the text does not show it: google, ...'
            cand --codes 'Lay rules of your own over the catalogue: a file or folder'
            cand --is 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble'
            cand --json 'Short for --format json'
            cand --exit-code 'Make the exit status the verdict'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say how the input was read'
            cand --verbose 'Say how the input was read'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'smtpwhy;list'= {
            cand --cause 'Only entries with this cause'
            cand --verdict 'Only entries with this verdict'
            cand -f 'Print as text, table, json or jsonl; scan also as csv'
            cand --format 'Print as text, table, json or jsonl; scan also as csv'
            cand --color 'Use colours: auto, always or never'
            cand --provider 'Who spoke, if the text does not show it: google, ...'
            cand --codes 'Lay rules of your own over the catalogue: a file or folder'
            cand --is 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble'
            cand --stats 'Count the catalogue by kind instead'
            cand --json 'Short for --format json'
            cand --exit-code 'Make the exit status the verdict'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say how the input was read'
            cand --verbose 'Say how the input was read'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'smtpwhy;check'= {
            cand -f 'Print as text, table, json or jsonl; scan also as csv'
            cand --format 'Print as text, table, json or jsonl; scan also as csv'
            cand --color 'Use colours: auto, always or never'
            cand --provider 'Who spoke, if the text does not show it: google, ...'
            cand --codes 'Lay rules of your own over the catalogue: a file or folder'
            cand --is 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble'
            cand --json 'Short for --format json'
            cand --exit-code 'Make the exit status the verdict'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say how the input was read'
            cand --verbose 'Say how the input was read'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'smtpwhy;completions'= {
            cand -f 'Print as text, table, json or jsonl; scan also as csv'
            cand --format 'Print as text, table, json or jsonl; scan also as csv'
            cand --color 'Use colours: auto, always or never'
            cand --provider 'Who spoke, if the text does not show it: google, ...'
            cand --codes 'Lay rules of your own over the catalogue: a file or folder'
            cand --is 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble'
            cand --json 'Short for --format json'
            cand --exit-code 'Make the exit status the verdict'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say how the input was read'
            cand --verbose 'Say how the input was read'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'smtpwhy;man'= {
            cand -f 'Print as text, table, json or jsonl; scan also as csv'
            cand --format 'Print as text, table, json or jsonl; scan also as csv'
            cand --color 'Use colours: auto, always or never'
            cand --provider 'Who spoke, if the text does not show it: google, ...'
            cand --codes 'Lay rules of your own over the catalogue: a file or folder'
            cand --is 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble'
            cand --json 'Short for --format json'
            cand --exit-code 'Make the exit status the verdict'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say how the input was read'
            cand --verbose 'Say how the input was read'
            cand -h 'Print help'
            cand --help 'Print help'
        }
    ]
    $completions[$command]
}
