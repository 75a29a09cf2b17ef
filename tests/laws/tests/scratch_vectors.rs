use aquac_ir::{Value, from_json, to_json, encode};
use aquac_sim::{Job, run_job, Names, Signing};
use std::collections::BTreeMap;

#[test]
fn vectors() {
    let text = std::fs::read_to_string("/work/shared/cases/vectors/air.jsonl").unwrap();
    let only = std::env::var("ONLY").ok();
    let (mut ok, mut bad, mut rejected) = (0, Vec::new(), 0);
    for line in text.lines() {
        let v = from_json(line).unwrap();
        let Value::Object(o) = &v else { panic!() };
        let name = o.get("name").unwrap().as_text().unwrap().to_owned();
        if only.as_ref().is_some_and(|n| *n != name) { continue }
        if o.get("reference_defect").is_some() { continue }
        let peers: Vec<String> = o.get("peers").unwrap().as_array().unwrap().iter().map(|p| p.as_text().unwrap().to_owned()).collect();
        let names = Names::new(peers.iter().map(|n| (n.clone(), Signing::Ed25519.keys(n).signer.peer())));
        let script = names.expand(o.get("script").unwrap().as_text().unwrap());
        let runs = o.get("expected_runs").unwrap().as_array().unwrap().to_vec();
        let reading = match aquac_air::read(&script) {
            Ok(r) => r,
            Err(e) => {
                let code = runs.first().and_then(|r| if let Value::Object(r) = r { r.get("ret_code").and_then(Value::as_integer) } else { None });
                if code == Some(1) { rejected += 1; ok += 1 } else { bad.push(format!("{name}: rejected {e:?}")) }
                continue;
            }
        };
        let mut services = Vec::new();
        if let Some(Value::Object(s)) = o.get("services") {
            for (k, a) in s.fields() { if to_json(a) == "\"tet\"" { continue } services.push(format!("[{},{}]", to_json(&Value::text(k)), to_json(a))) }
        }
        services.push(r#"["*","name"]"#.to_owned());
        let init = to_json(o.get("init").unwrap());
        let job = format!(r#"{{"peers":{},"init":{init},"program":{{"air":""}},"services":[{}],"ttl":100000}}"#, to_json(o.get("peers").unwrap()), services.join(","));
        let job = match Job::from_json(&job) { Ok(j) => j, Err(e) => { bad.push(format!("{name}: job {e}")); continue } };
        let out = run_job(&job, encode(reading.program.program()), Some(&reading.debug)).unwrap();
        // compare calls per peer as multisets
        let mut want: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        for r in &runs {
            let Value::Object(r) = r else { panic!() };
            let peer = r.get("peer").unwrap().as_text().unwrap().to_owned();
            last.insert(peer.clone(), r.get("ret_code").unwrap().as_integer().unwrap() as i64);
            for c in r.get("calls").and_then(|c| c.as_array().map(<[Value]>::to_vec)).unwrap_or_default() {
                let Value::Object(c) = c else { panic!() };
                want.entry(peer.clone()).or_default().push(format!("{}.{}{}", c.get("service").unwrap().as_text().unwrap(), c.get("function").unwrap().as_text().unwrap(), to_json(c.get("args").unwrap())));
            }
        }
        let mut got: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for c in &out.calls { got.entry(c.peer.clone()).or_default().push(format!("{}.{}{}", c.service, c.function, to_json(&Value::array(c.args.clone()).unwrap()))); }
        for v in want.values_mut().chain(got.values_mut()) { v.sort() }
        let mut problems = Vec::new();
        if want != got { problems.push(format!("calls\n   want {want:?}\n   got  {got:?}")) }
        for (p, code) in &last { let c = out.r#final.get(p).map_or(0, |f| f.code); if c != *code && *code != 0 { problems.push(format!("code {p} want {code} got {c}")) } }
        if out.stopped != "quiet" { problems.push(format!("stopped {}", out.stopped)) }
        if problems.is_empty() { ok += 1 } else { bad.push(format!("{name}: {}\n   script {script}\n   waiting {:?}", problems.join("; "), out.waiting)) }
    }
    for b in &bad { println!("BAD {}", names_short(b)); }
    println!("ok {ok} (rejected {rejected}) bad {}", bad.len());
}
fn names_short(b: &str) -> String { let n = Names::new(["A","B","C","D","E","F"].map(|n| (n.to_owned(), Signing::Ed25519.keys(n).signer.peer()))); n.shorten(b) }
