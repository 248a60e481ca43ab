//! Layouts of lines: a service writes the same keys in the same order all day,
//! and its lines differ in their values alone. What stands between the values of
//! a line that was outlined is kept; a line that has the same between values of
//! the same kinds has the same outline, but for where they stand. It must not
//! know services.

use super::Service;
use super::quick::{Kind, Node, Outline, Places, TOLD_APART};
use super::sign;

/// The layouts that were met.
#[derive(Default)]
pub struct Layouts {
    /// Where layouts part; all begin at the first.
    forks: Vec<Fork>,
    all: Vec<Layout>,
    /// Lines that were learnt, or could not be.
    tried: usize,
    /// Where the values of the last line end that its layout leaves open, and
    /// of what kind they are.
    values: Vec<(u32, Kind)>,
}

/// The ways on from the end of a value, the longest first.
type Fork = Vec<Way>;

/// What stands behind a value, up to the next one that is open.
struct Way {
    written: Box<[u8]>,
    to: To,
}

#[derive(Clone, Copy)]
enum To {
    /// A text, without its quotes, or a number, and the fork behind it.
    Text(usize),
    Number(usize),
    /// The end of a line, and its layout.
    End(usize),
}

/// What lines of one layout have in common.
struct Layout {
    common: Common,
    /// The outline of the first of them, and which of its values are open: a
    /// bit for each.
    nodes: Box<[Node]>,
    places: Places,
    open: u64,
}

/// What is known of all lines of a layout.
#[derive(Clone, Copy)]
pub(super) struct Common {
    /// Whose lines they are.
    pub(super) service: Service,
    /// They tell of no event.
    pub(super) silent: bool,
    /// Values that are the same in all of them: a bit for each.
    pub(super) fixed: u64,
}

/// Lines that are learnt or tried, ways from one fork, and bytes of the longest
/// line.
const MOST: usize = 100;
const MOST_WAYS: usize = 30;
const LONGEST: usize = 2 << 10;

impl Layouts {
    /// Outlines a line whose layout is known; one that is silent only if asked
    /// again.
    pub(super) fn read(&mut self, line: &str, outline: &mut Outline) -> Option<Common> {
        let layout = self.layout(line.as_bytes())?;
        let layout = self.all.get(layout)?;
        if !layout.common.silent {
            outline.set(&layout.nodes, &layout.places);
            move_to(&mut outline.nodes, layout.open, &self.values);
        }
        Some(layout.common)
    }

    /// The layout of a line; notes where its open values end.
    fn layout(&mut self, line: &[u8]) -> Option<usize> {
        self.values.clear();
        let (mut rest, mut fork) = (line, self.forks.first()?);
        loop {
            let way = fork.iter().find(|way| rest.starts_with(&way.written))?;
            rest = &rest[way.written.len()..];
            let (len, kind, next) = match way.to {
                To::Text(next) => {
                    let (len, escaped) = sign::string_len(rest)?;
                    (len, if escaped { Kind::Escaped } else { Kind::Text }, next)
                }
                To::Number(next) => (sign::number_len(rest)?, Kind::Number, next),
                To::End(layout) => return rest.is_empty().then_some(layout),
            };
            rest = &rest[len..];
            self.values.push(((line.len() - rest.len()) as u32, kind));
            fork = self.forks.get(next)?;
        }
    }

    /// Learns the layout of a line that was outlined, if it is one of few.
    pub(super) fn learn(&mut self, line: &str, outline: &Outline, common: Common) {
        if self.tried == MOST || line.len() > LONGEST || outline.nodes.len() > TOLD_APART {
            return;
        }
        self.tried += 1;
        self.forks.resize_with(self.forks.len().max(1), Fork::new);
        let open = open_values(&outline.nodes) & !common.fixed;
        let (mut fork, mut from) = (0, 0);
        for node in outline.nodes.iter().enumerate().filter(|(place, _)| open >> place & 1 != 0).map(|(_, node)| node) {
            let to = if node.kind == Kind::Number { To::Number } else { To::Text };
            let Some(next) = self.way(fork, &line.as_bytes()[from..node.value.start as usize], to) else { return };
            (fork, from) = (next, node.value.end as usize);
        }
        let end = self.all.len();
        if self.add(fork, &line.as_bytes()[from..], To::End(end)).is_some() {
            self.all.push(Layout { common, nodes: outline.nodes.as_slice().into(), places: outline.places, open });
        }
    }

    /// Where a way leads, which is made where there is none and room for it.
    fn way(&mut self, fork: usize, written: &[u8], to: fn(usize) -> To) -> Option<usize> {
        let known = self.forks.get(fork).into_iter().flatten().find(|way| *way.written == *written);
        if let Some(Way { to: To::Text(next) | To::Number(next), .. }) = known {
            return Some(*next);
        }
        let next = self.forks.len();
        self.add(fork, written, to(next))?;
        self.forks.push(Fork::new());
        Some(next)
    }

    fn add(&mut self, fork: usize, written: &[u8], to: To) -> Option<()> {
        let ways = self.forks.get_mut(fork)?;
        let is_new = ways.iter().all(|way| *way.written != *written);
        (is_new && ways.len() < MOST_WAYS).then_some(())?;
        let place = ways.partition_point(|way| way.written.len() >= written.len());
        ways.insert(place, Way { written: written.into(), to });
        Some(())
    }
}

/// A bit for each value that lines of one layout may differ in.
fn open_values(nodes: &[Node]) -> u64 {
    let is_open = |node: &Node| matches!(node.kind, Kind::Text | Kind::Escaped | Kind::Number);
    nodes.iter().enumerate().fold(0, |open, (place, node)| open | u64::from(is_open(node)) << place)
}

/// Moves the nodes of one line of a layout to where they stand in another one,
/// whose open values end as `values` tell.
fn move_to(nodes: &mut [Node], open: u64, values: &[(u32, Kind)]) {
    let (mut values, mut shift) = (values.iter(), 0u32);
    for (place, node) in nodes.iter_mut().enumerate() {
        node.key.shift(shift);
        node.value.shift(shift);
        if open >> place & 1 == 0 {
            continue;
        }
        if let Some((end, kind)) = values.next() {
            shift = shift.wrapping_add(end.wrapping_sub(node.value.end));
            (node.value.end, node.kind) = (*end, *kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::quick::tests::{Seeded, events, mutated};
    use crate::input::events::{Cutter, line};

    /// Reads lines one after another, each as the general reader does or not at
    /// all; gives how many were of a layout that was known.
    fn known(lines: &[&str]) -> usize {
        let mut cutter = Cutter::default();
        let mut count = 0;
        for text in lines {
            count += usize::from(cutter.layouts.layout(text.as_bytes()).is_some());
            if let Some(service) = cutter.read(text, 7) {
                assert_eq!(Some((service, cutter.found.clone())), line(text, 7), "{text}");
            }
        }
        count
    }

    #[test]
    fn lines_of_a_known_layout_are_read_as_by_the_general_reader() {
        let all = events();
        let read = all.iter().filter(|text| Cutter::default().read(text, 7).is_some()).count();
        let found: usize = all.iter().map(|text| known(&[text, text])).sum();
        assert!(found * 10 > read * 9, "{found} of {read}");
    }

    #[test]
    fn damaged_lines_of_known_layouts_are_read_alike_or_not_at_all() {
        let mut seeded = Seeded(0x1a7);
        let mut found = 0;
        for few in [events(), events(), events()].concat().chunks(4) {
            let damaged: Vec<String> = (0..90).filter_map(|n| mutated(&few[n % few.len()], &mut seeded)).collect();
            let mixed: Vec<&str> = few.iter().chain(&damaged).chain(few).map(String::as_str).collect();
            found += known(&mixed);
        }
        assert!(found > 700, "{found}");
    }

    #[test]
    fn values_are_open_unless_something_hangs_on_them() {
        let event = |event: &str, email: &str, time: &str| {
            format!(r#"{{"email":"{email}","timestamp":{time},"event":"{event}","category":["x"],"sg_event_id":"y"}}"#)
        };
        let lines = [
            event("delivered", "a@example.com", "1"),
            event("bounce", "b", "0.5"),
            event("open", "\\\"c\\n", "-7"),
            event("open", "", "12345678901234567890"),
            event("deferred", "é\\u00e9@example.com", "2"),
            // Another kind of value, none, one too many, a key twice.
            event("open", "d", "\"1\""),
            event("open", "e", "1e3"),
            event("open", "f", "01"),
            event("open", "g\u{1}", "1"),
            event("open", "h\\ud83d", "1"),
            event("click", "i", "1,\"x\":2"),
            event("click", "i", "3,\"x\":4"),
            event("open", "j", "1,\"email\":2"),
            event("open", "k", "1").replace('}', "} "),
            event("open", "l", "1").replace('}', "}x"),
            event("open", "m", "1").replace('}', ""),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(known(&lines[..5]), 4);
        known(&lines);
    }

    #[test]
    fn endless_layouts_are_not_all_kept() {
        let lines: Vec<String> = (0..5_000)
            .map(|n| format!(r#"{{"email":"a","event":"open{n}","sg_event_id":"y","{}":[{}1]}}"#, n % 90, "1,".repeat(n % 70)))
            .collect();
        let mut cutter = Cutter::default();
        for text in &lines {
            assert!(cutter.read(text, 7).is_some(), "{text}");
        }
        assert!(cutter.layouts.forks.len() <= super::MOST * super::TOLD_APART && cutter.layouts.all.len() <= super::MOST);
    }
}
