
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
            cand -f 'Print as text, table, json or jsonl'
            cand --format 'Print as text, table, json or jsonl'
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
            cand show 'Show a catalogue entry, code, cause, provider or term in full'
            cand list 'Browse and search the catalogue'
            cand check 'Check rules of your own, and run their examples'
            cand completions 'Print completions for a shell'
            cand man 'Print the manual page'
        }
        &'smtpwhy;show'= {
            cand -f 'Print as text, table, json or jsonl'
            cand --format 'Print as text, table, json or jsonl'
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
            cand -f 'Print as text, table, json or jsonl'
            cand --format 'Print as text, table, json or jsonl'
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
            cand -f 'Print as text, table, json or jsonl'
            cand --format 'Print as text, table, json or jsonl'
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
            cand -f 'Print as text, table, json or jsonl'
            cand --format 'Print as text, table, json or jsonl'
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
            cand -f 'Print as text, table, json or jsonl'
            cand --format 'Print as text, table, json or jsonl'
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
