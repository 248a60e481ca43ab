//! Breaks text into lines of a width. It must not know what the text is.

/// Lines of at most `width` characters; a longer word stands on a line of its
/// own. Characters count as one column, East Asian ones as two.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::with_capacity(width);
    let mut used = 0;
    for word in text.split_whitespace() {
        let size = columns(word);
        if used > 0 && used + 1 + size > width {
            lines.push(std::mem::replace(&mut line, String::with_capacity(width)));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += size;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Columns that a text takes on a terminal.
pub fn columns(text: &str) -> usize {
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    if plain { text.len() } else { unicode_width::UnicodeWidthStr::width(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_the_width_and_lose_no_word() {
        let text = "one two three four-hundred-and-five six";
        let broken = lines(text, 9);
        assert_eq!(broken, ["one two", "three", "four-hundred-and-five", "six"]);
        assert_eq!(broken.join(" "), text);
        assert_eq!(lines("", 9), [""]);
    }
}
