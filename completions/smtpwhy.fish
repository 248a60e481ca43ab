# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_smtpwhy_global_optspecs
    string join \n relay= stage= direction= f/format= json color= provider= codes= is= exit-code q/quiet v/verbose h/help V/version
end

function __fish_smtpwhy_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_smtpwhy_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_smtpwhy_using_subcommand
    set -l cmd (__fish_smtpwhy_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l relay -d 'Host name of the relay that replied' -r
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l stage -d 'When it replied: connect, ehlo, starttls, auth, mail, rcpt, data, end-of-data' -r -f -a "connect\t''
ehlo\t''
starttls\t''
auth\t''
mail\t''
rcpt\t''
data\t''
end-of-data\t''"
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l direction -d 'out: they refused us; in: we refused them' -r -f -a "in\t''
out\t''"
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -s V -l version -d 'Print version'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "scan" -d 'Read logs, queues, bounces, events: what failed, and what to do'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "annotate" -d 'Add to JSON lines what their replies mean'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "diff" -d 'Compare two logs or saved summaries: what is new, gone, up, down'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "unknown" -d 'Group replies that no rule knew, and draft entries for them'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "show" -d 'Show a catalogue entry, code, cause, provider or term in full'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "list" -d 'Browse and search the catalogue'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "check" -d 'Check rules of your own, and run their examples'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "completions" -d 'Print completions for a shell'
complete -c smtpwhy -n "__fish_smtpwhy_needs_command" -a "man" -d 'Print the manual page'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l input -d 'Read as this format instead of finding out' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l columns -d 'Columns of a table: reply=…,recipient=…,time=…' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l list -d 'Print addresses, each once: recipients' -r -f -a "recipients\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l for -d 'Write the list as a service imports it, verdict remove unless --verdict' -r -f -a "sendgrid\t''
mailgun\t''
ses\t''
postmark\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l hash -d 'Replace addresses by a salted hash' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l by -d 'Group by these' -r -f -a "cause\t''
verdict\t''
provider\t''
domain\t''
recipient\t''
relay\t''
sender\t''
code\t''
who\t''
hour\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l top -d 'Rows of the summary' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l sort -d 'Order rows by count instead of by what to act on first' -r -f -a "count\t''
first\t''
last\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l verdict -d 'Only these verdicts; !retry for all others' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l cause -d 'Only these causes' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l who -d 'Only what these may mend: sender-admin, recipient, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l domain -d 'Only recipients of these domains' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l since -d 'Only from this time on: 2026-11-21, 2026-11-21T08:00, today, yesterday' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l until -d 'Only before this time' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l threads -d 'Threads that read a log [default: one a processor, at most 4]' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l max -d 'Exit 3 when a verdict is seen more often: remove=10, fix=5%' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -s r -l recursive -d 'Read the files of folders too, oldest first'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -s F -l follow -d 'Go on with what is written to the file, as tail -F; Ctrl-C ends'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l from-start -d 'Follow from the start of the file, not from its end'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l each -d 'Print a line a record instead of a summary'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l spared -d 'List addresses that were delivered to after their refusal'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l redact -d 'Mask addresses, so that the output can be shown in public'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l unmatched -d 'Show lines that look like a failure and fit no format'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l unknown -d 'Group replies that no rule knew, and draft entries for them'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l full -d 'Print the steps for every row'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand scan" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -l field -d 'The key of the reply, event.reply in nested objects [default: the first string of reply, response, diagnostic, diagnostic_code, reason, message, text]' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand annotate" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -l top -d 'Rows of the table' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand diff" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l input -d 'Read as this format instead of finding out' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l top -d 'Groups to print' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -s r -l recursive -d 'Read the files of folders too, oldest first'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l redact -d 'Mask addresses, so that the output can be shown in public'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand unknown" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand show" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l cause -d 'Only entries with this cause' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l verdict -d 'Only entries with this verdict' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l stats -d 'Count the catalogue by kind instead'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand list" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand check" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand completions" -s h -l help -d 'Print help'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -s f -l format -d 'Print as text, table, json or jsonl; scan also as csv' -r -f -a "text\t'For reading'
table\t'The same facts in a table'
json\t'One object with all results'
jsonl\t'One result object a line'
csv\t'A line a record, for spreadsheets (scan only)'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -l color -d 'Use colours: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -l provider -d 'Who spoke, if the text does not show it: google, ...' -r
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -l codes -d 'Lay rules of your own over the catalogue: a file or folder' -r -F
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -l is -d 'Ask for ok, retry, fix, remove, unknown or known: prints nothing, exit 0 yes, 1 no, 2 trouble' -r -f -a "ok\t''
retry\t''
fix\t''
remove\t''
unknown\t''
known\t'Any verdict but unknown'"
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -l json -d 'Short for --format json'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -l exit-code -d 'Make the exit status the verdict'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -s q -l quiet -d 'Print nothing but errors'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -s v -l verbose -d 'Say how the input was read'
complete -c smtpwhy -n "__fish_smtpwhy_using_subcommand man" -s h -l help -d 'Print help'
