//! Blocks of code in a Markdown text: commands with what they print, and diagrams.

/// A fenced block that means something here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// ` ```console `
    Console(Vec<Shown>),
    /// ` ```mermaid `
    Diagram(String),
}

/// A command and what stands below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) command: String,
    pub(crate) output: String,
}

impl Block {
    pub(crate) fn commands(&self) -> impl Iterator<Item = &Shown> {
        match self {
            Self::Console(commands) => commands.iter(),
            Self::Diagram(_) => [].iter(),
        }
    }

    pub(crate) fn into_commands(self) -> Vec<Shown> {
        match self {
            Self::Console(commands) => commands,
            Self::Diagram(_) => Vec::new(),
        }
    }

    pub(crate) fn diagram(&self) -> Option<&str> {
        match self {
            Self::Console(_) => None,
            Self::Diagram(text) => Some(text),
        }
    }
}

impl Shown {
    /// What `$ echo $?` says about the command before.
    pub(crate) fn as_exit_code(&self) -> Option<i32> {
        (self.command == "echo $?").then(|| self.output.trim().parse().unwrap())
    }
}

/// The blocks of a text, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match language {
            "console" => blocks.push(Block::Console(commands(&inside))),
            "mermaid" => {
                blocks
                    .push(Block::Diagram(inside.iter().map(|line| format!("{line}\n")).collect()));
            }
            _ => {}
        }
    }
    blocks
}

fn commands(lines: &[&str]) -> Vec<Shown> {
    let mut commands: Vec<Shown> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => {
                commands.push(Shown { command: command.to_owned(), output: String::new() });
            }
            (None, Some(last)) => last.output.push_str(&format!("{line}\n")),
            (None, None) => panic!("a console block begins with a command, not with `{line}`"),
        }
    }
    commands
}

/// The words of a command as a shell would see them: single and double quotes, nothing else.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn a_readme_is_a_list_of_commands() {
    let text = "Text.\n```console\n$ aquac run x.aqua -f 'f(\"a b\")'\n1\n$ echo $?\n0\n```\n";
    let found = blocks(text);
    let commands: Vec<&Shown> = found.iter().flat_map(Block::commands).collect();
    assert_eq!(words(&commands[0].command), ["aquac", "run", "x.aqua", "-f", "f(\"a b\")"]);
    assert_eq!((commands[0].output.as_str(), commands[1].as_exit_code()), ("1\n", Some(0)));
}
