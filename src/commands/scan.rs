//! `smtpwhy scan FILE…`: reads logs, queues, bounces and events.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result, anyhow};

use super::follow::{INTERRUPTED, plan, wants_progress};
use super::{Outcome, speaker};
use crate::catalogue::Catalogue;
use crate::cli::{Cli, Format, Options, Scan};
use crate::codes::rows::{Verdict, Who};
use crate::explain::Finding;
use crate::input::Record;
use crate::input::progress::Progress;
use crate::input::source::{self, Source};
use crate::input::time::Time;
use crate::message;
use crate::render;
use crate::scan::draft;
use crate::scan::filter::Filter;
use crate::scan::groups::Group;
use crate::scan::reader::{self, Reader};
use crate::scan::recipients::Recipients;
use crate::scan::ruling::Judge;
use crate::scan::tally::Tally;
use crate::scan::unknown::Unknown;
use crate::scan::{self as scanning, Report, Seen, Sink};
use crate::settings::Settings;

/// Rows whose steps are printed without `--full`.
const ADVISED: usize = 3;

/// Scans the files and prints what was asked for.
pub fn run(out: &mut dyn Write, catalogue: Catalogue, args: &Scan, options: &Options, settings: &Settings) -> Result<Outcome> {
    known_words(catalogue, args)?;
    let filter = filter(args, options)?;
    let limits = args.max.iter().map(|m| limit(m)).collect::<Result<Vec<Limit>>>()?;
    let mut counts = Tally::new(args.by.clone());
    let (mut report, stopped) = read(out, catalogue, args, settings, &filter, &mut counts)?;
    report.unreadable.iter_mut().for_each(|trouble| *trouble = render::redact::masked(trouble, args.redact));
    let outcome = finish(out, &counts, &report, &limits, options, settings)?;
    Ok(if stopped { Outcome::Status(INTERRUPTED) } else { outcome })
}

/// Reads the files and prints what was asked for of them; tells whether Ctrl-C
/// ended it.
fn read(
    out: &mut dyn Write,
    catalogue: Catalogue,
    args: &Scan,
    settings: &Settings,
    filter: &Filter,
    counts: &mut Tally,
) -> Result<(Report, bool)> {
    let files = files(args, settings)?;
    let follow = args.follow.then(|| plan(args, &files, settings)).transpose()?;
    let progress = if wants_progress(args, settings) { Progress::over(&files) } else { Progress::default() };
    let how =
        reader::Settings { input: args.input.clone(), columns: columns(&args.columns), follow, progress, threads: threads(args.threads) };
    let report = read_as(out, catalogue, args, settings, (&files, &how), filter, counts)?;
    how.progress.clear();
    let stopped = how.follow.is_some_and(|plan| plan.stop.load(Ordering::Relaxed));
    Ok((report, stopped))
}

/// Reads the files in the way that the options ask for.
fn read_as(
    out: &mut dyn Write,
    catalogue: Catalogue,
    args: &Scan,
    settings: &Settings,
    (files, how): (&[PathBuf], &reader::Settings),
    filter: &Filter,
    counts: &mut Tally,
) -> Result<Report> {
    let judge = Judge::new(catalogue, speaker(catalogue, None)?);
    let other = args.unmatched || args.unknown || args.list.is_some();
    let a_line_each = args.each || settings.format == Some(Format::Csv) && !other;
    if a_line_each && !settings.quiet {
        let format = settings.format.unwrap_or(Format::Text);
        // What is written while it is read is shown at once.
        let live = args.follow || files.iter().any(|f| f.as_os_str() == "-");
        let mut sink = render::each::Each::new(out, format, settings.style, args.redact, live, counts);
        let report = scanning::scan(files, how, judge, filter, &mut sink)?;
        sink.end(&report)?;
        return Ok(report);
    }
    if args.list.is_some() {
        let mut sink = Recipients::new(filter, counts);
        let mut report = scanning::scan(files, how, judge, &Filter::default(), &mut sink)?;
        print_list(out, args, settings, &sink)?;
        if sink.left_out > 0 {
            let whole = "more addresses than can be kept, so that the list is not whole; scan a part of the files at a time";
            report.trouble(format!("{} records named {whole}", sink.left_out));
        }
        return Ok(report);
    }
    if args.unknown {
        let safe = |text: &str| render::redact::masked(text, args.redact);
        let mut sink = Unknown::new(counts, &safe);
        let report = scanning::scan(files, how, judge, filter, &mut sink)?;
        print_unknown(out, catalogue, args, settings, &sink)?;
        return Ok(report);
    }
    let report = scanning::scan(files, how, judge, filter, counts)?;
    how.progress.clear();
    if !settings.quiet {
        print(out, catalogue, args, settings, &Found { tally: counts, report: &report, filter })?;
    }
    Ok(report)
}

/// More threads than this wait for each other.
const MOST_THREADS: usize = 4;

/// The threads asked for, else as many as there are processors.
fn threads(asked: Option<u8>) -> usize {
    asked.map(usize::from).unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS))
}

fn print_list(out: &mut dyn Write, args: &Scan, settings: &Settings, sink: &Recipients<'_>) -> Result<()> {
    if settings.quiet {
        return Ok(());
    }
    let (listed, spared) = sink.lists();
    if let Some(service) = &args.service {
        render::recipients::import(out, service, &listed)?;
    } else {
        let show = render::recipients::Show { redact: args.redact, salt: args.hash.as_deref() };
        let rows = if args.spared { &spared } else { &listed };
        render::recipients::list(out, settings.format.unwrap_or(Format::Text), settings.style, show, rows)?;
    }
    out.flush()?;
    match spared.len() {
        0 => {}
        _ if args.spared => {}
        1 => message::tell("1 address was delivered to later and is not listed; --spared lists it"),
        n => message::tell(&format!("{n} addresses were delivered to later and are not listed; --spared lists them")),
    }
    Ok(())
}

fn print_unknown(out: &mut dyn Write, catalogue: Catalogue, args: &Scan, settings: &Settings, sink: &Unknown<'_>) -> Result<()> {
    if settings.quiet {
        return Ok(());
    }
    let groups = sink.groups();
    let shown = &groups[..groups.len().min(args.top)];
    let drafts = draft::drafts(catalogue, shown);
    let page = render::unknown::Page { groups: shown, drafts: &drafts, all: groups.len(), left_out: sink.left_out, redact: args.redact };
    match settings.format.unwrap_or(Format::Text) {
        Format::Text | Format::Table | Format::Csv => render::unknown::text(out, &page)?,
        Format::Json => render::unknown::json(out, &page)?,
        Format::Jsonl => render::unknown::lines(out, &page)?,
    }
    Ok(())
}

/// Whether an input is a log, a mail, an event or a table, and not a pasted
/// reply.
pub fn recognise(mut source: Source, catalogue: Catalogue) -> Result<(Source, bool)> {
    let filter = Filter::default();
    let reader = Reader::new(reader::Settings::default(), Judge::new(catalogue, None), &filter);
    let head = source.reader.until(reader::HEAD, |head| reader.is_settled(head)).context("standard input: cannot read")?;
    let head = String::from_utf8_lossy(head).into_owned();
    let is_log = reader.recognises(&head);
    Ok((source, is_log))
}

/// Scans what was piped in without a command: a single record is explained,
/// several are summed up.
pub fn piped(out: &mut dyn Write, catalogue: Catalogue, source: Source, cli: &Cli, settings: &Settings) -> Result<Outcome> {
    let judge = || -> Result<Judge> { Ok(Judge::new(catalogue, speaker(catalogue, cli.options.provider.as_deref())?)) };
    let filter = Filter::default();
    let mut sink = Piped { tally: Tally::new(Vec::new()), first: Vec::new() };
    let mut reader = Reader::new(reader::Settings::default(), judge()?, &filter);
    reader.opened(source, &mut sink)?;
    let (tally, report, first) = (sink.tally, reader.report, sink.first);
    if let Some(few) = few(first, &tally, &report) {
        let judge = judge()?;
        let findings: Vec<Finding> = few.iter().map(|r| judge.explain(r)).collect();
        return super::explain::show(out, &findings, cli, settings);
    }
    if !settings.quiet {
        let args = Scan { top: 20, ..Scan::default() };
        print(out, catalogue, &args, settings, &Found { tally: &tally, report: &report, filter: &filter })?;
    }
    finish(out, &tally, &report, &[], &cli.options, settings)
}

/// Records of a transcript or exception that are explained one by one.
const FEW: usize = 5;

/// The records to explain: a single one, or what failed in a transcript that
/// somebody pasted.
fn few(first: Vec<Record<'static>>, tally: &Tally, report: &Report) -> Option<Vec<Record<'static>>> {
    let records = tally.totals.records;
    let pasted = report.formats == ["transcript"] && records <= FEW;
    if report.unreadable_count > 0 || records == 0 || records > 1 && !pasted {
        return None;
    }
    let failed: Vec<Record<'static>> = first.iter().filter(|r| !r.is_delivered()).cloned().collect();
    Some(if failed.is_empty() { first } else { failed })
}

/// Counts, and keeps the first records.
struct Piped {
    tally: Tally,
    first: Vec<Record<'static>>,
}

impl Sink for Piped {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        if self.first.len() < FEW {
            self.first.push(seen.record.clone().into_owned());
        }
        self.tally.take(seen)
    }

    fn counts(&mut self) -> Option<&mut Tally> {
        (self.first.len() >= FEW).then_some(&mut self.tally)
    }
}

fn files(args: &Scan, settings: &Settings) -> Result<Vec<PathBuf>> {
    if args.files.is_empty() {
        if settings.stdin_is_terminal {
            return Err(anyhow!("scan: no file given").context(super::Tip("name a log, or pipe one in".into())));
        }
        return Ok(vec![PathBuf::from("-")]);
    }
    Ok(source::files(&args.files, args.recursive))
}

/// A word that no record can have is a slip, not an empty answer.
fn known_words(catalogue: Catalogue, args: &Scan) -> Result<()> {
    let names = |all: &[(&'static str, Verdict)]| all.iter().map(|(n, _)| *n).collect::<Vec<_>>();
    one_of("--input", args.input.as_slice(), &reader::formats())?;
    one_of("--verdict", &args.verdict, &names(&Verdict::ALL))?;
    one_of("--who", &args.who, &Who::ALL.map(|(n, _)| n))?;
    one_of("--cause", &args.cause, &catalogue.causes().map(|c| c.id()).collect::<Vec<_>>())
}

fn one_of(option: &str, given: &[String], names: &[&str]) -> Result<()> {
    let unknown = given.iter().find(|g| !names.iter().any(|n| n.eq_ignore_ascii_case(g.trim_start_matches('!'))));
    let Some(word) = unknown else { return Ok(()) };
    let tip = if names.len() < 30 { format!("one of {}", names.join(", ")) } else { "smtpwhy list --stats".into() };
    Err(anyhow!("{option}: '{word}' is not known").context(super::Tip(tip)))
}

fn columns(list: &[String]) -> Option<String> {
    (!list.is_empty()).then(|| list.join(","))
}

fn filter(args: &Scan, options: &Options) -> Result<Filter> {
    Ok(Filter {
        verdict: verdicts(args),
        cause: args.cause.clone(),
        provider: options.provider.iter().flat_map(|p| p.split(',')).map(str::to_string).collect(),
        domain: args.domain.clone(),
        who: args.who.clone(),
        since: args.since.as_deref().map(|t| moment(t, "--since")).transpose()?,
        until: args.until.as_deref().map(|t| moment(t, "--until")).transpose()?,
    })
}

/// What a service is told never to mail is dead, unless asked otherwise.
fn verdicts(args: &Scan) -> Vec<String> {
    let import = args.service.is_some() && args.verdict.is_empty();
    if import { vec![Verdict::Remove.name().to_string()] } else { args.verdict.clone() }
}

/// A day, a point in time, `today` or `yesterday`.
fn moment(text: &str, option: &str) -> Result<Time> {
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let day = match text {
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        other => other.parse().ok(),
    };
    let at = text.replace(' ', "T").parse().ok().or_else(|| day.map(|d: jiff::civil::Date| d.at(0, 0, 0, 0)));
    at.map(|at| Time { at, offset: None }).ok_or_else(|| anyhow!("{option}: '{text}' is not a time"))
}

/// What a scan found.
struct Found<'a> {
    tally: &'a Tally,
    report: &'a Report,
    filter: &'a Filter,
}

fn print(out: &mut dyn Write, catalogue: Catalogue, args: &Scan, settings: &Settings, found: &Found<'_>) -> Result<()> {
    let Found { tally, report, filter } = *found;
    if args.unmatched {
        for (file, line, text) in &report.unmatched {
            let line = format!("{file}:{line}: {text}");
            writeln!(out, "{}", crate::sanitize::line(&render::redact::masked(&line, args.redact)))?;
        }
        return Ok(());
    }
    let mut groups = tally.groups();
    if let Some(by) = &args.sort {
        groups.sort_by(|a, b| order(by, *a, *b));
    }
    let judge = Judge::new(catalogue, None);
    let most = if args.full { args.top } else { ADVISED };
    let advised = groups.iter().filter(|g| g.verdict() != Verdict::Ok).take(most);
    let advice: Vec<(Group<'_>, Finding)> = advised.map(|g| (*g, judge.explain(&g.example()))).collect();
    let alarms = if filter.hides_outcomes() { Vec::new() } else { tally.watch.alarms() };
    let summary = render::scan::Summary {
        alarms: &alarms,
        tally,
        report,
        groups: &groups,
        top: args.top,
        default_key: args.by.is_empty(),
        advice: &advice,
        redact: args.redact,
    };
    match settings.format.unwrap_or(Format::Table) {
        Format::Text | Format::Table | Format::Csv => render::scan::summary(out, settings.style, &summary)?,
        Format::Json | Format::Jsonl => render::scan_json::summary(out, &summary)?,
    }
    Ok(())
}

/// The order that `--sort` asks for.
fn order(by: &str, a: Group<'_>, b: Group<'_>) -> std::cmp::Ordering {
    let (first, last) = (|g: Group<'_>| g.first().map(|t| t.at), |g: Group<'_>| g.last().map(|t| t.at));
    match by {
        "count" => b.count().cmp(&a.count()),
        "first" => first(a).cmp(&first(b)),
        _ => last(b).cmp(&last(a)),
    }
}

/// A threshold: more of a verdict than this is too much.
struct Limit {
    verdict: Verdict,
    most: f64,
    percent: bool,
}

fn limit(text: &str) -> Result<Limit> {
    let wrong = || anyhow!("--max: '{text}' is not of the form remove=10 or fix=5%");
    let (name, number) = text.split_once('=').ok_or_else(wrong)?;
    let verdict = Verdict::parse(name).ok_or_else(wrong)?;
    let percent = number.ends_with('%');
    let most = number.trim_end_matches('%').parse().map_err(|_| wrong())?;
    Ok(Limit { verdict, most, percent })
}

/// Status of a broken threshold.
const BROKEN: u8 = 3;
/// Status where an input could not be read.
const TROUBLE: u8 = 2;

fn finish(
    out: &mut dyn Write,
    tally: &Tally,
    report: &Report,
    limits: &[Limit],
    options: &Options,
    settings: &Settings,
) -> Result<Outcome> {
    out.flush()?;
    report.troubles().for_each(|trouble| message::tell(&trouble));
    if settings.verbose {
        notes(tally, report);
    }
    let t = &tally.totals;
    let mut broken = false;
    for limit in limits {
        let count = t.of(limit.verdict) as f64;
        let share = 100.0 * count / t.attempts.max(1) as f64;
        let (seen, unit) = if limit.percent { (share, " %") } else { (count, "") };
        if seen > limit.most {
            broken = true;
            message::tell(&format!("{}: {seen:.4}{unit} is over the limit of {}{unit}", limit.verdict.name(), limit.most));
        }
    }
    Ok(status(tally, report, broken, options))
}

fn status(tally: &Tally, report: &Report, broken: bool, options: &Options) -> Outcome {
    let seen: Vec<Verdict> = tally.totals.verdicts().collect();
    if report.unreadable_count > 0 {
        return Outcome::Status(TROUBLE);
    }
    if broken {
        return Outcome::Status(BROKEN);
    }
    if let Some(asked) = options.is {
        return if seen.iter().any(|v| super::explain::is_verdict(*v, asked)) { Outcome::Done } else { Outcome::Nothing };
    }
    if options.exit_code {
        return super::explain::worst(seen.into_iter());
    }
    if tally.totals.records == 0 { Outcome::Nothing } else { Outcome::Done }
}

/// The year of the first stamp without one, and those that others may be of.
fn years(year: i16, tally: &Tally) -> String {
    let ends = [tally.totals.first, tally.totals.last].map(|time| time.map_or(year, |t| t.at.year()));
    let others = ends.into_iter().filter(|other| other.abs_diff(year) == 1);
    others.map(|other| other.min(year)).next().map_or(year.to_string(), |first| format!("{first} and {}", first + 1))
}

fn notes(tally: &Tally, report: &Report) {
    message::tell(&format!(
        "{} lines, {} records, formats: {}, {} lines unmatched",
        report.lines,
        tally.totals.records,
        if report.formats.is_empty() { "none".to_string() } else { report.formats.join(", ") },
        report.unmatched_count
    ));
    let (c, t) = (&report.counted, &tally.totals);
    message::tell(&format!(
        "{} lines, rows, mails or objects: {} told of mail, {} of known formats did not, {} look like a failure and fit no format, \
         {} of no known format, {} blank, {} unreadable",
        c.all(),
        c.told,
        c.silent,
        c.unmatched,
        c.other,
        c.blank,
        c.unreadable
    ));
    let verdicts = Verdict::ALL.map(|(name, v)| format!("{} {name}", t.of(v))).join(", ");
    message::tell(&format!(
        "{} records: {} attempts ({verdicts}), {} rejects, {} logins, {} sessions, {} expired, {} intermediate; {} more were filtered out",
        t.records, t.attempts, t.rejects, t.logins, t.sessions, t.expired, t.intermediate, report.filtered
    ));
    if let Some(year) = report.assumed_year {
        message::tell(&format!("stamps without a year are taken for {}", years(year, tally)));
    }
}
