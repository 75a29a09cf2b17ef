//! Every builtin by what it answers.

use aquac_ir::{Argument, Digest, IdempotencyKey, Origin, ParticleId, from_json, to_json};

use super::*;

const ME: PeerId = PeerId([5; 32]);

struct Alone;

impl Surroundings for Alone {
    fn me(&self) -> PeerId {
        ME
    }
    fn addresses(&self) -> Vec<String> {
        vec!["/ip4/127.0.0.1/tcp/1".to_owned()]
    }
    fn known(&self) -> Vec<PeerId> {
        (1..=4).map(|name| PeerId([name; 32])).collect()
    }
    fn is_connected(&self, peer: PeerId) -> bool {
        peer == ME
    }
    fn contact(&self, peer: PeerId) -> Vec<String> {
        if peer == ME { self.addresses() } else { Vec::new() }
    }
    fn services(&self) -> Vec<String> {
        vec!["sms".to_owned()]
    }
    fn connect(
        &self,
        peer: PeerId,
        addresses: Vec<String>,
    ) -> BoxFuture<'static, Result<bool, String>> {
        let wrong = addresses.into_iter().find(|address| !address.starts_with('/'));
        let answer = wrong.map_or(Ok(peer == ME), |wrong| Err(format!("`{wrong}` is no address")));
        Box::pin(std::future::ready(answer))
    }
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        message.iter().rev().copied().collect()
    }
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.sign(message) == signature
    }
}

fn call(name: &str, args: &str) -> Call {
    let (service, function) = name.split_once('.').unwrap();
    let values = from_json(args).unwrap();
    let args = values.as_array().unwrap().iter().cloned();
    Call {
        particle: ParticleId(Digest([0; 32])),
        initiator: ME,
        service: service.to_owned(),
        function: function.to_owned(),
        args: args.map(|value| Argument { value, origin: Origin::Derived }).collect(),
        deadline: 0,
        key: IdempotencyKey(Digest([0; 32])),
    }
}

fn answer(call: Call) -> String {
    let builtins = Builtins(Arc::new(Alone));
    let answer = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(builtins.answer(call));
    match answer {
        Ok(value) => to_json(&value),
        Err(error) => {
            assert_eq!(error.code, REFUSED);
            error.message
        }
    }
}

/// One line per call: the call and its answer.
fn answers(calls: &str) -> String {
    let line = |line: &str| {
        let (name, args) = line.trim().split_once(' ').unwrap();
        format!("{name} {args} = {}", answer(call(name, args)))
    };
    calls.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn texts_and_hashes() {
    insta::assert_snapshot!(answers(r#"
        op.noop []
        op.noop [1,2]
        op.identity []
        op.identity [["x"]]
        op.identity [1,2]
        op.concat_strings ["a","","bc"]
        op.concat_strings ["a",1]
        op.string_to_b58 ["hello"]
        op.string_from_b58 ["Cn8eVZg"]
        op.string_from_b58 ["0"]
        op.string_from_b58 ["5Q"]
        op.bytes_to_b58 [[0,255]]
        op.bytes_to_b58 [[256]]
        op.bytes_from_b58 ["15Q"]
        op.sha256_string ["abc"]
        op.sha256_string ["abc",true]
        op.sha256_string ["abc",[true],[true]]
        op.sha256_string ["abc",[1,2]]
    "#), @r#"
    op.noop [] = ""
    op.noop [1,2] = ""
    op.identity [] = ""
    op.identity [["x"]] = ["x"]
    op.identity [1,2] = op.identity: expected 0 to 1 arguments, got 2
    op.concat_strings ["a","","bc"] = "abc"
    op.concat_strings ["a",1] = op.concat_strings: argument 1 is no text
    op.string_to_b58 ["hello"] = "Cn8eVZg"
    op.string_from_b58 ["Cn8eVZg"] = "hello"
    op.string_from_b58 ["0"] = op.string_from_b58: no base58: provided string contained invalid character '0' at byte 0
    op.string_from_b58 ["5Q"] = op.string_from_b58: the bytes are no UTF-8 text
    op.bytes_to_b58 [[0,255]] = "15Q"
    op.bytes_to_b58 [[256]] = op.bytes_to_b58: argument 0 is no array of bytes
    op.bytes_from_b58 ["15Q"] = [0,255]
    op.sha256_string ["abc"] = "QmatYkNGZnELf8cAGdyJpUca2PyY4szai3RHyyWofNY1pY"
    op.sha256_string ["abc",true] = "DYu3G8aGTMBW1WrTw76zxQJQU4DHLw9MLyy7peG4LKkY"
    op.sha256_string ["abc",[true],[true]] = [186,120,22,191,143,1,207,234,65,65,64,222,93,174,34,35,176,3,97,163,150,23,122,156,180,16,255,97,242,0,21,173]
    op.sha256_string ["abc",[1,2]] = op.sha256_string: argument 1 is no option: it has several elements
    "#);
}

#[test]
fn numbers() {
    insta::assert_snapshot!(answers(r"
        math.add [1,2]
        math.add [9223372036854775807,1]
        math.sub [1,2]
        math.mul [4611686018427387904,2]
        math.div [-7,2]
        math.div [1,0]
        math.rem [-7,2]
        math.pow [2,10]
        math.pow [2,-1]
        math.log [10,1000]
        math.log [1,5]
        math.fmul [0.5,7]
        math.fmul [1e300,1e300]
        math.add [1]
        math.add [1.0,2]
        cmp.gt [2,1]
        cmp.gte [1,1]
        cmp.lt [2,1]
        cmp.lte [2,1]
        cmp.cmp [1,2]
    "), @r"
    math.add [1,2] = 3
    math.add [9223372036854775807,1] = math.add: 9223372036854775807 and 1 have no result
    math.sub [1,2] = -1
    math.mul [4611686018427387904,2] = math.mul: 4611686018427387904 and 2 have no result
    math.div [-7,2] = -3
    math.div [1,0] = math.div: 1 and 0 have no result
    math.rem [-7,2] = -1
    math.pow [2,10] = 1024
    math.pow [2,-1] = math.pow: 2 and -1 have no result
    math.log [10,1000] = 3
    math.log [1,5] = math.log: 1 and 5 have no result
    math.fmul [0.5,7] = 3
    math.fmul [1e300,1e300] = math.fmul: the product does not fit
    math.add [1] = math.add: expected 2 arguments, got 1
    math.add [1.0,2] = math.add: argument 0 is no integer of 64 bits
    cmp.gt [2,1] = true
    cmp.gte [1,1] = true
    cmp.lt [2,1] = false
    cmp.lte [2,1] = false
    cmp.cmp [1,2] = -1
    ");
}

#[test]
fn arrays() {
    insta::assert_snapshot!(answers(r#"
        op.array [1,"a"]
        op.array_length [[1,2]]
        op.concat [[1],[],[2,3]]
        op.concat [[1],2]
        array.sum [[1,2,3]]
        array.sum [[1,"2"]]
        array.dedup [["b","a","b"]]
        array.intersect [["c","a","b","c"],["b","c"]]
        array.diff [["c","a","b"],["b"]]
        array.sdiff [["c","a"],["a","b"]]
        array.slice [[1,2,3],1,3]
        array.slice [[1,2,3],2,1]
        array.slice [[],3,7]
        array.length [[]]
    "#), @r#"
    op.array [1,"a"] = [1,"a"]
    op.array_length [[1,2]] = 2
    op.concat [[1],[],[2,3]] = [1,2,3]
    op.concat [[1],2] = op.concat: argument 1 is no array
    array.sum [[1,2,3]] = 6
    array.sum [[1,"2"]] = array.sum: an element is no integer
    array.dedup [["b","a","b"]] = ["b","a"]
    array.intersect [["c","a","b","c"],["b","c"]] = ["c","b"]
    array.diff [["c","a","b"],["b"]] = ["c","a"]
    array.sdiff [["c","a"],["a","b"]] = ["c","b"]
    array.slice [[1,2,3],1,3] = [2,3]
    array.slice [[1,2,3],2,1] = array.slice: there are no elements 2 to 1 of 3
    array.slice [[],3,7] = []
    array.length [[]] = 0
    "#);
}

#[test]
fn objects() {
    insta::assert_snapshot!(answers(r#"
        json.obj ["a",1,"b",[2]]
        json.obj ["a"]
        json.obj [1,2]
        json.put [{"a":1},"a",2]
        json.puts [{"a":1},"b",2,"c",3]
        json.put [[],"a",2]
        json.obj_pairs [[["a",1]]]
        json.puts_pairs [{"a":1},[["a",2],["b",3]]]
        json.puts_pairs [{},[["a"]]]
        json.parse ["{\"a\": [1.5]}"]
        json.parse ["{"]
        json.stringify [{"b":1,"a":null}]
        debug.stringify []
        debug.stringify ["a"]
        debug.stringify ["a",1]
    "#), @r#"
    json.obj ["a",1,"b",[2]] = {"a":1,"b":[2]}
    json.obj ["a"] = json.obj: the field "a" has no value
    json.obj [1,2] = json.obj: a field's name is a text, not 1
    json.put [{"a":1},"a",2] = {"a":2}
    json.puts [{"a":1},"b",2,"c",3] = {"a":1,"b":2,"c":3}
    json.put [[],"a",2] = json.put: argument 0 is no object
    json.obj_pairs [[["a",1]]] = {"a":1}
    json.puts_pairs [{"a":1},[["a",2],["b",3]]] = {"a":2,"b":3}
    json.puts_pairs [{},[["a"]]] = json.puts_pairs: no pair of a name and a value: ["a"]
    json.parse ["{\"a\": [1.5]}"] = {"a":[1.5]}
    json.parse ["{"] = json.parse: no JSON: EOF while parsing an object at line 1 column 1
    json.stringify [{"b":1,"a":null}] = "{\"a\":null,\"b\":1}"
    debug.stringify [] = "<empty argument list>"
    debug.stringify ["a"] = "\"a\""
    debug.stringify ["a",1] = "[\"a\",1]"
    "#);
}

#[test]
fn peers() {
    let me = ME.to_string();
    let lines = answers(&format!(
        r#"
        peer.is_connected ["{me}"]
        peer.is_connected ["me"]
        peer.get_contact ["{me}"]
        peer.get_contact ["{other}"]
        peer.timeout [1,"late"]
        peer.timeout ["1"]
        peer.timeout [-1]
        kad.neighborhood ["{me}",[],[2]]
        kad.merge ["{me}",["{other}"],["{me}","{other}"]]
        sig.get_peer_id []
        peer.identify []
    "#,
        other = PeerId([1; 32])
    ));
    insta::assert_snapshot!(lines.replace(&me, "ME"), @r#"
    peer.is_connected ["ME"] = true
    peer.is_connected ["me"] = peer.is_connected: argument 0 is no peer id
    peer.get_contact ["ME"] = [{"addresses":["/ip4/127.0.0.1/tcp/1"],"peer_id":"ME"}]
    peer.get_contact ["12D3KooW9tHTtS3inCZiYykw4u5G4frbjVFqhkmJX12gSNCVeH3e"] = []
    peer.timeout [1,"late"] = "late"
    peer.timeout ["1"] = ""
    peer.timeout [-1] = peer.timeout: argument 0 is no number of milliseconds
    kad.neighborhood ["ME",[],[2]] = ["12D3KooWA63MKLSkZ6TPyFWTNo41wJAtTxtSiwpmCE2ecWLHtH1m","12D3KooW9xCm2jWjNVrwh51SWCQBMYdMyeU3NpT85QhLVkF6PcNM"]
    kad.merge ["ME",["12D3KooW9tHTtS3inCZiYykw4u5G4frbjVFqhkmJX12gSNCVeH3e"],["ME","12D3KooW9tHTtS3inCZiYykw4u5G4frbjVFqhkmJX12gSNCVeH3e"]] = ["ME","12D3KooW9tHTtS3inCZiYykw4u5G4frbjVFqhkmJX12gSNCVeH3e"]
    sig.get_peer_id [] = "ME"
    peer.identify [] = {"air_version":"aquac-0.1.0","allowed_binaries":[],"external_addresses":["/ip4/127.0.0.1/tcp/1"],"node_version":"aquac-0.1.0","spell_version":""}
    "#);
}

#[test]
fn only_the_peers_own_programs_may_have_it_sign_and_what_it_signs_has_a_domain() {
    let signed = from_json(&answer(call("sig.sign", "[[1,2]]"))).unwrap();
    let Value::Object(signed) = signed else { panic!("an object") };
    assert_eq!(signed.get("success"), Some(&Value::Bool(true)));
    let signature = signed.get("signature").unwrap().as_array().unwrap()[0].clone();
    assert_eq!(answer(call("sig.verify", &format!("[{signature},[1,2]]"))), "true");
    assert_eq!(answer(call("sig.verify", &format!("[{signature},[1,3]]"))), "false");
    let bytes: Vec<u8> = signature
        .as_array()
        .unwrap()
        .iter()
        .map(|byte| byte.as_integer().unwrap().try_into().unwrap())
        .collect();
    let message: Vec<u8> = bytes.iter().rev().copied().collect();
    assert!(message.starts_with(b"aquac 2026 sig.sign v1"));

    let mut foreign = call("sig.sign", "[[1,2]]");
    foreign.initiator = PeerId([9; 32]);
    assert!(answer(foreign).contains("\"success\":false"));
}

#[test]
fn services_beside_the_builtins() {
    let lines = answers(
        r#"
        srv.resolve_alias ["sms"]
        srv.resolve_alias ["none"]
        srv.resolve_alias_opt ["sms"]
        srv.resolve_alias_opt ["none"]
        srv.info ["none"]
        srv.list []
    "#,
    );
    insta::assert_snapshot!(lines.replace(&ME.to_string(), "ME"), @r#"
    srv.resolve_alias ["sms"] = "sms"
    srv.resolve_alias ["none"] = srv.resolve_alias: there is no service "none"
    srv.resolve_alias_opt ["sms"] = ["sms"]
    srv.resolve_alias_opt ["none"] = []
    srv.info ["none"] = srv.info: there is no service "none"
    srv.list [] = [{"aliases":[],"blueprint_id":"","id":"sms","owner_id":"ME","service_type":"configured","worker_id":"ME"}]
    "#);
}

#[test]
fn connecting_gives_what_the_network_says_and_names_what_is_no_address() {
    let me = ME.to_string();
    let lines = answers(&format!(
        r#"
        peer.connect ["{me}"]
        peer.connect ["{me}",["/ip4/127.0.0.1/tcp/1"]]
        peer.connect ["{me}",["nonsense"]]
        peer.connect ["{me}",[1]]
        kad.neigh_with_addrs ["{me}",[],[1]]
    "#
    ));
    insta::assert_snapshot!(lines.replace(&me, "ME"), @r#"
    peer.connect ["ME"] = true
    peer.connect ["ME",["/ip4/127.0.0.1/tcp/1"]] = true
    peer.connect ["ME",["nonsense"]] = peer.connect: `nonsense` is no address
    peer.connect ["ME",[1]] = peer.connect: argument 1 is no array of texts
    kad.neigh_with_addrs ["ME",[],[1]] = [{"addresses":[],"peer_id":"12D3KooWA63MKLSkZ6TPyFWTNo41wJAtTxtSiwpmCE2ecWLHtH1m"}]
    "#);
}

#[test]
fn each_function_is_declared_once_and_has_its_access() {
    use Access::{Anyone, Own, Ruled};
    assert_eq!(access("op", "noop"), Some(Anyone));
    assert_eq!(access("peer", "timeout"), Some(Anyone));
    assert_eq!(access("peer", "get_contact"), Some(Ruled));
    assert_eq!(access("sig", "sign"), Some(Own));
    assert_eq!(access("sms", "send"), None);
    let mut names: Vec<_> = TABLE.iter().map(|it| (it.service, it.function)).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "each function once");
}

/// Functions of peers that run WebAssembly for others.
const HOSTING: [&str; 4] = ["srv.create", "srv.remove", "srv.get_interface", "srv.add_alias"];

/// `service.function` and the number of arguments, of every declaration in a text of Aqua.
fn declared(text: &str) -> Vec<(String, usize)> {
    let mut service = None;
    let mut functions = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("service ") {
            service = rest.split('"').nth(1);
        } else if !line.starts_with(' ') && !line.is_empty() {
            service = None;
        }
        let (Some(service), Some(open)) = (service, line.find('(')) else { continue };
        let name = line[..open].trim();
        if !line.starts_with("  ") || name.starts_with("--") {
            continue;
        }
        let arguments = &line[open + 1..line.find(')').unwrap()];
        let count = arguments.split(',').filter(|argument| argument.contains(':')).count();
        functions.push((format!("{service}.{name}"), count));
    }
    functions
}

#[test]
fn what_the_standard_library_declares_is_answered_with_as_many_arguments() {
    let mut checked = 0;
    for name in ["builtin.aqua", "math.aqua"] {
        let path = format!("@fluencelabs/aqua-lib/{name}");
        let text = aquac_stdlib::find(&path).expect("the standard library has it").text;
        for (function, count) in declared(text) {
            let (service, short) = function.split_once('.').unwrap();
            if !TABLE.iter().any(|it| it.service == service) || HOSTING.contains(&&*function) {
                continue;
            }
            let found = find(service, short).unwrap_or_else(|| panic!("{function} is missing"));
            let (fewest, most) = found.arguments;
            assert!((fewest..=most).contains(&count), "{function} takes {count} arguments");
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked} functions were found");
}
