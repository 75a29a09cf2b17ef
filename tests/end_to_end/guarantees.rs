//! What `aquac check --cost` and `aquac flow` print, and what does not compile.

use crate::harness::{Folder, aquac, run};

const SOURCE: &str = "aqua Chain declares *

export main

service Tool(\"tool\"):
  get(x: string) -> string

func main(p: string, q: string) -> string:
  on p:
    x <- Tool.get(\"a\")
  on q:
    y <- Tool.get(x)
  <- y
";

fn say(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["main.aqua"]).collect();
    let ended = run(aquac(folder.path(), &arguments), 20);
    (ended.code, ended.stdout)
}

#[test]
fn a_cost_is_a_table_or_data() {
    let folder = Folder::with(&[("main.aqua", SOURCE)]);
    let (code, text) = say(&folder, &["check", "--cost"]);
    assert_eq!(code, Some(0));
    assert!(text.starts_with("main: 5 hops, 3 round trips"), "{text}");
    let (_, text) = say(&folder, &["check", "--cost", "--no-relay"]);
    assert!(text.starts_with("main: 3 hops, 2 round trips"), "{text}");
    let (_, text) = say(&folder, &["check", "--cost", "--format", "json"]);
    let cost = text.lines().find(|line| line.contains("aquac.cost/1")).unwrap();
    let cost: serde_json::Value = serde_json::from_str(cost).unwrap();
    assert_eq!(cost["hops"]["number"], 5);
    assert_eq!(cost["hops"]["exact"], true);
}

/// Every field of an object is named in its section of `cli/FORMATS.md`, and the other way round.
fn fields_are_documented(schema: &str, object: &serde_json::Value, inside: &[&str]) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("FORMATS.md");
    let text = std::fs::read_to_string(path).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with(&format!("`{schema}`")));
    let section = section.unwrap();
    let named = |field: &str| section.contains(&format!("`{field}`"));
    for (field, value) in object.as_object().unwrap() {
        assert!(field == "schema" || named(field), "{schema}: {field} is not documented");
        if inside.contains(&field.as_str()) {
            for field in value[0].as_object().unwrap().keys() {
                assert!(named(field), "{schema}: {field} is not documented");
            }
        }
    }
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let column = row.split('|').nth(1).unwrap();
        for field in column.split(',').map(|field| field.trim().trim_matches('`')) {
            assert!(object.get(field).is_some(), "{schema}: there is no {field}");
        }
    }
}

#[test]
fn what_editors_read_is_as_the_formats_say() {
    let joins = SOURCE.replace("  on p:\n", "  s: *string\n  s <<- \"a\"\n  join s[0]\n  on p:\n");
    let folder = Folder::with(&[("main.aqua", &joins)]);
    let (_, text) = say(&folder, &["check", "--cost", "--format", "json"]);
    let cost = text.lines().find(|line| line.contains("aquac.cost/1")).unwrap();
    fields_are_documented(
        "aquac.cost/1",
        &serde_json::from_str(cost).unwrap(),
        &["lines", "joins"],
    );
    let (_, text) = say(&folder, &["flow", "--format", "json"]);
    fields_are_documented("aquac.flow/1", &serde_json::from_str(text.trim()).unwrap(), &["values"]);
}

#[test]
fn a_flow_is_a_table_or_data() {
    let folder = Folder::with(&[("main.aqua", SOURCE)]);
    let (code, text) = say(&folder, &["flow"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("initiator") && text.contains("host"), "{text}");
    let (_, text) = say(&folder, &["flow", "--format", "json"]);
    let flow: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(flow["schema"], "aquac.flow/1");
    let y = flow["values"].as_array().unwrap().iter().find(|value| value["name"] == "y").unwrap();
    assert_eq!(y["makers"], serde_json::json!(["q"]));
    assert!(!y["holders"].as_array().unwrap().contains(&"p".into()), "{y}");
}

#[test]
fn what_is_certain_to_wait_for_ever_is_not_built() {
    let stuck = "aqua Stuck declares *\n\nexport main\n\nfunc main() -> string:\n  box: *string\n  <- box!\n";
    let folder = Folder::with(&[("main.aqua", stuck)]);
    let (code, text) = say(&folder, &["check", "--format", "json"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("AQ0601"), "{text}");
}
