//! Which column of a table holds what, by the many names that exports use. It
//! must not know rows.

use crate::input::compose;

/// What a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Reply,
    Recipient,
    Time,
    Sender,
    Code,
    Enhanced,
    Status,
    Relay,
    Id,
}

/// Each kind with the name that users give and the names of headers, the surest
/// first; all in lower case and without anything but letters and digits.
const NAMES: [(Column, &str, &[&str]); 9] = [
    (
        Column::Reply,
        "reply",
        &[
            "reply",
            "smtpreply",
            "smtpresponse",
            "serverresponse",
            "serverreply",
            "remoteresponse",
            "responsetext",
            "responsemessage",
            "response",
            "diagnosticcode",
            "diagnostic",
            "diagnostics",
            "dsndiag",
            "diag",
            "bouncereason",
            "bouncemessage",
            "bouncedetails",
            "bounceerror",
            "bouncetext",
            "smtperror",
            "smtpmessage",
            "rawreason",
            "failurereason",
            "failreason",
            "failuremessage",
            "recipientstatus",
            "delayreason",
            "lasterror",
            "errormessage",
            "errordescription",
            "errortext",
            "errordetails",
            "reason",
            "deliverystatusmessage",
            "deliverymessage",
            "statusmessage",
            "error",
            "details",
            "detail",
            "message",
            "bouncedescription",
            "description",
            "antwort",
            "fehlermeldung",
            "grund",
            "raison",
            "erreur",
            "motivo",
        ],
    ),
    (
        Column::Recipient,
        "recipient",
        &[
            "recipient",
            "rcpt",
            "rcptto",
            "recipientaddress",
            "recipientemail",
            "recipientemailaddress",
            "finalrecipient",
            "envelopeto",
            "toaddress",
            "toemail",
            "emailto",
            "to",
            "emailaddress",
            "email",
            "mailaddress",
            "recipients",
            "subscriber",
            "subscriberemail",
            "contactemail",
            "contact",
            "address",
            "destination",
            "useremail",
            "empfänger",
            "empfaenger",
            "destinataire",
            "destinatario",
            "correo",
        ],
    ),
    (
        Column::Time,
        "time",
        &[
            "timestamp",
            "time",
            "datetime",
            "date",
            "eventtime",
            "eventdate",
            "bouncedat",
            "bouncedate",
            "createdat",
            "created",
            "occurredat",
            "timelogged",
            "logtime",
            "senttime",
            "sentat",
            "processed",
            "datum",
            "zeit",
            "fecha",
        ],
    ),
    (
        Column::Sender,
        "sender",
        &[
            "sender",
            "from",
            "mailfrom",
            "senderaddress",
            "senderemail",
            "fromaddress",
            "fromemail",
            "envelopefrom",
            "returnpath",
            "orig",
            "absender",
        ],
    ),
    (
        Column::Code,
        "code",
        &["smtpcode", "smtpstatuscode", "replycode", "responsecode", "bouncecode", "errorcode", "statuscode", "smtpstatus", "code"],
    ),
    (
        Column::Enhanced,
        "enhanced",
        &["enhancedcode", "enhancedstatuscode", "enhancedstatus", "smtpenhancedcode", "dsnstatus", "dsncode", "dsn", "enhanced"],
    ),
    (
        Column::Status,
        "status",
        &[
            "status",
            "deliverystatus",
            "event",
            "eventtype",
            "eventname",
            "bouncetype",
            "type",
            "action",
            "result",
            "state",
            "outcome",
            "lastevent",
        ],
    ),
    (
        Column::Relay,
        "relay",
        &["relay", "mx", "mxhost", "mxserver", "remotehost", "remotemta", "remoteserver", "dsnmta", "receivinghost", "host", "server"],
    ),
    (Column::Id, "id", &["messageid", "msgid", "emailid", "queueid", "sgmessageid", "internalmessageid"]),
];

/// Where each kind of column stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    at: [Option<usize>; 9],
}

impl Columns {
    /// Finds columns by the names in a header.
    pub(super) fn of(names: &[String]) -> Columns {
        let plain: Vec<String> = names.iter().map(|n| plain(n)).collect();
        let mut columns = Columns::default();
        for (column, _, known) in NAMES {
            columns.at[column as usize] = known.iter().find_map(|k| plain.iter().position(|p| p == k));
        }
        columns
    }

    /// Takes the user's `reply=NAME,recipient=3`.
    pub(super) fn name(&mut self, wanted: &str, names: &[String]) -> Result<(), String> {
        for pair in wanted.split(',').filter(|p| !p.trim().is_empty()) {
            let (kind, name) = pair.split_once('=').ok_or_else(|| format!("'{}' is not KIND=NAME", pair.trim()))?;
            let kind = kind.trim().to_ascii_lowercase();
            let known = NAMES.iter().find(|(_, own, others)| *own == kind || others.contains(&kind.as_str()));
            let (column, ..) = known.ok_or_else(|| format!("'{kind}' is no kind of column; there are {}", kinds()))?;
            self.at[*column as usize] = Some(position(name.trim(), names)?);
        }
        Ok(())
    }

    pub(super) fn at(&self, column: Column) -> Option<usize> {
        self.at[column as usize]
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.at(column).is_some()
    }
}

fn kinds() -> String {
    NAMES.iter().map(|(_, own, _)| *own).collect::<Vec<_>>().join(", ")
}

fn position(name: &str, names: &[String]) -> Result<usize, String> {
    let found = names.iter().position(|n| plain(n) == plain(name));
    let numbered = || name.parse::<usize>().ok().filter(|n| (1..=names.len()).contains(n)).map(|n| n - 1);
    found.or_else(numbered).ok_or_else(|| format!("no column '{name}'; there are {}", names.join(", ")))
}

/// A name without case, spaces and marks.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Names are short, and neither addresses nor replies.
pub(super) fn is_header(names: &[String]) -> bool {
    let is_name = |n: &String| n.chars().count() <= 60 && !n.contains(['@', '=']) && compose::leading_code(n).is_none();
    names.len() > 1 && names.iter().all(is_name)
}
