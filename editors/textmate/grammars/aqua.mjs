// The Aqua language.
//
// No word is reserved, and `*`, `!`, `?`, `=` mean different things in types and in values. So a
// declaration and each kind of statement line opens a context of its own, and a word is a keyword
// only where its line makes it one: `if = 1` is an assignment.
//
// Look-behind is one character wide everywhere, which all regular-expression engines can do.

const captures = (...names) =>
  Object.fromEntries(names.map((name, at) => [at + 1, name && { name }]).filter(([, name]) => name));
const include = (...names) => names.map((name) => ({ include: `#${name}` }));

const COLON = "punctuation.separator.colon.aqua";
const COMMA = "punctuation.separator.comma.aqua";
const CONDITIONAL = "keyword.control.conditional.aqua";
const EXCEPTION = "keyword.control.exception.aqua";
const FLOW = "keyword.control.flow.aqua";
const IMPORT = "keyword.control.import.aqua";
const TOPOLOGY = "keyword.control.topology.aqua";
const DECLARATION = "storage.type.aqua";
const ARROW = "keyword.operator.arrow.aqua";
const ASSIGN = "keyword.operator.assignment.aqua";
const BIND = "keyword.operator.bind.aqua";
const PUSH = "keyword.operator.push.aqua";
const VARIABLE = "variable.other.aqua";
const SERVICE = "entity.name.type.service.aqua";

// Where a top-level construct ends: the next line that starts at its edge and is no comment.
const NEXT_DECLARATION = /^(?=[^\s-]|-[^-])/;
// `par` or `co` before a statement.
const BESIDE = /^\s*(?:(par|co)\s+)?/.source;
// The end of a line that opens a block.
const OPENS = /\s*:\s*(?:--|$)/.source;
// What makes a statement word a plain name.
const NOT_BOUND = /(?!\s*(?:=(?!=)|<-|<<-|,|:))/.source;

export default {
  $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  name: "Aqua",
  scopeName: "source.aqua",
  fileTypes: ["aqua"],
  patterns: include("comment", "header", "declaration", "statement", "expression"),
  repository: {
    comment: {
      patterns: [
        {
          match: /(---).*$/,
          name: "comment.line.documentation.aqua",
          captures: captures("punctuation.definition.comment.aqua"),
        },
        {
          match: /(--).*$/,
          name: "comment.line.double-dash.aqua",
          captures: captures("punctuation.definition.comment.aqua"),
        },
      ],
    },

    string: {
      begin: /"/,
      end: /"/,
      name: "string.quoted.double.aqua",
      beginCaptures: { 0: { name: "punctuation.definition.string.begin.aqua" } },
      endCaptures: { 0: { name: "punctuation.definition.string.end.aqua" } },
    },

    // ------------------------------------------------------------------ header

    header: {
      patterns: [
        {
          begin: /^\s*(aqua|module)\s+([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)/,
          end: /$/,
          beginCaptures: { 1: { name: IMPORT }, 2: { patterns: include("module_name") } },
          patterns: [
            { match: /\G\s+(declares)\b/, captures: captures(IMPORT) },
            { match: /\*/, name: "keyword.operator.wildcard.aqua" },
            ...include("comment", "header_name"),
          ],
        },
        {
          begin: /^(import|use|export)(?=\s)/,
          end: /$/,
          beginCaptures: captures(IMPORT),
          patterns: [
            { match: /\b(from)(?=\s+")/, captures: captures(IMPORT) },
            {
              match: /\b(as)\s+([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)/,
              captures: { 1: { name: IMPORT }, 2: { patterns: include("header_name") } },
            },
            ...include("comment", "string", "header_name"),
          ],
        },
      ],
    },
    module_name: {
      patterns: [
        { match: /\w+/, name: "entity.name.namespace.aqua" },
        { match: /\./, name: "punctuation.accessor.aqua" },
      ],
    },
    header_name: {
      patterns: [
        { match: /\b[A-Z][A-Z0-9_]*\b/, name: "variable.other.constant.aqua" },
        // Whether it is a type, a service or an ability does not stand here.
        { match: /\b[A-Z]\w*/, name: SERVICE },
        { match: /\b[a-z]\w*/, name: VARIABLE },
        { match: /,/, name: COMMA },
        { match: /\./, name: "punctuation.accessor.aqua" },
      ],
    },

    // ------------------------------------------------------------ declarations

    declaration: {
      patterns: include("data", "service", "ability", "alias", "const", "function"),
    },
    data: {
      begin: /^(data)\b(?:\s+([A-Za-z]\w*))?\s*(:)?/,
      end: NEXT_DECLARATION,
      beginCaptures: captures(DECLARATION, "entity.name.type.aqua", COLON),
      patterns: include("comment", "field", "illegal"),
    },
    service: {
      begin: /^(service)\b(?:\s+([A-Za-z]\w*))?/,
      end: NEXT_DECLARATION,
      beginCaptures: captures(DECLARATION, SERVICE),
      patterns: [...include("comment", "method", "brackets"), { match: /:/, name: COLON }],
    },
    ability: {
      begin: /^(ability)\b(?:\s+([A-Za-z]\w*))?\s*(:)?/,
      end: NEXT_DECLARATION,
      beginCaptures: captures(DECLARATION, "entity.name.type.ability.aqua", COLON),
      patterns: include("comment", "ability_method", "field", "method"),
    },
    alias: {
      begin: /^(alias)\b(?:\s+([A-Za-z]\w*))?\s*(:)?/,
      end: /$/,
      beginCaptures: captures(DECLARATION, "entity.name.type.aqua", COLON),
      patterns: include("comment", "type"),
    },
    const: {
      begin: /^(const)\b(?:\s+([A-Za-z]\w*))?\s*(\?=|=)?/,
      end: /$/,
      beginCaptures: captures(DECLARATION, "variable.other.constant.aqua", ASSIGN),
      patterns: include("expression"),
    },
    function: {
      begin: /^(func)\b(?:\s+([A-Za-z]\w*))?/,
      end: /(:)|$/,
      beginCaptures: captures(DECLARATION, "entity.name.function.aqua"),
      endCaptures: captures(COLON),
      patterns: include("signature"),
    },

    // `name: Type`
    field: {
      begin: /^\s+([a-z]\w*)\s*(:)/,
      end: /$/,
      beginCaptures: captures("variable.other.property.aqua", COLON),
      patterns: include("comment", "type"),
    },
    // `tick: -> u32`, `put: u8 -> u8`
    ability_method: {
      begin: /^\s+([a-z]\w*)\s*(:)(?=[^-]*->)/,
      end: /$/,
      beginCaptures: captures("support.function.method.aqua", COLON),
      patterns: include("comment", "type"),
    },
    // `name(x: u8) -> u8` and `name: u8 -> u8`
    method: {
      begin: /^\s+([a-z]\w*)/,
      end: /$/,
      beginCaptures: captures("support.function.method.aqua"),
      patterns: [{ match: /:/, name: COLON }, ...include("signature")],
    },

    // What follows the name of a function, up to the colon.
    signature: {
      patterns: [
        ...include("comment"),
        {
          begin: /\{/,
          end: /\}/,
          beginCaptures: { 0: { name: "punctuation.definition.abilities.begin.aqua" } },
          endCaptures: { 0: { name: "punctuation.definition.abilities.end.aqua" } },
          patterns: [
            { match: /[A-Za-z]\w*/, name: "entity.name.type.ability.aqua" },
            { match: /,/, name: COMMA },
            { match: /\./, name: "punctuation.accessor.aqua" },
            ...include("comment"),
          ],
        },
        {
          begin: /\(/,
          end: /\)/,
          beginCaptures: { 0: { name: "punctuation.definition.parameters.begin.aqua" } },
          endCaptures: { 0: { name: "punctuation.definition.parameters.end.aqua" } },
          patterns: [
            {
              match: /([a-z]\w*)\s*(:)/,
              captures: captures("variable.parameter.aqua", COLON),
            },
            ...include("comment", "type"),
          ],
        },
        ...include("type"),
      ],
    },

    type: {
      patterns: [
        { match: /->/, name: ARROW },
        { match: /\[\]|[?*%]/, name: "storage.modifier.collection.aqua" },
        {
          match: /\b(?:u8|u16|u32|u64|i8|i16|i32|i64|f32|f64|bool|string)\b|⊤|⊥/,
          name: "support.type.primitive.aqua",
        },
        // In lower case there is no type, but what stands here is meant as one.
        { match: /\b[A-Za-z]\w*/, name: "entity.name.type.aqua" },
        { match: /,/, name: COMMA },
        { match: /\./, name: "punctuation.accessor.aqua" },
        {
          begin: /\(/,
          end: /\)/,
          beginCaptures: { 0: { name: "punctuation.section.group.begin.aqua" } },
          endCaptures: { 0: { name: "punctuation.section.group.end.aqua" } },
          patterns: include("comment", "type"),
        },
      ],
    },

    // -------------------------------------------------------------- statements

    statement: {
      patterns: include(
        "return", "branch", "loop", "place", "beside", "join", "closure", "bind", "assign",
        "stream", "service_id",
      ),
    },

    return: { match: /^\s*(<-)(?!\w)/, captures: captures(BIND) },

    branch: {
      patterns: [
        { match: `^\\s*(if)\\s+${NOT_BOUND}`, captures: captures(CONDITIONAL) },
        { match: `^\\s*(else|otherwise)(?=${OPENS})`, captures: captures(CONDITIONAL) },
        { match: `^\\s*(try)(?=${OPENS})`, captures: captures(EXCEPTION) },
        {
          match: `^\\s*(catch)\\s+([a-z]\\w*)(?=${OPENS})`,
          captures: captures(EXCEPTION, VARIABLE),
        },
      ],
    },

    loop: {
      patterns: [
        {
          begin: `${BESIDE}(for)\\s+([a-z]\\w*)(?:\\s*(,)\\s*([a-z]\\w*))?\\s*(<-)\\s*`,
          end: /$/,
          beginCaptures: captures(FLOW, FLOW, VARIABLE, COMMA, VARIABLE, BIND),
          patterns: [
            { match: `(?!\\G)\\b(par|try|rec)(?=${OPENS})`, captures: captures(FLOW) },
            ...include("expression"),
          ],
        },
        {
          begin: /^\s*(parseq)\s+([a-z]\w*)(?:\s*(,)\s*([a-z]\w*))?\s*(<-)\s*/,
          end: /$/,
          beginCaptures: captures(FLOW, VARIABLE, COMMA, VARIABLE, BIND),
          patterns: [
            { match: /(?!\G)\s(on|via)\s+/, captures: captures(TOPOLOGY) },
            ...include("expression"),
          ],
        },
      ],
    },

    place: {
      begin: `${BESIDE}(on)\\s+${NOT_BOUND}`,
      end: /$/,
      beginCaptures: captures(FLOW, TOPOLOGY),
      patterns: [
        { match: /(?!\G)\s(via)\s+/, captures: captures(TOPOLOGY) },
        ...include("expression"),
      ],
    },

    // `par f()`; with a place, a loop or names to bind, see those.
    beside: {
      match: /^\s*(par|co)(?=\s+[A-Za-z]\w*(?:\.|\(|\{|\s+\())/,
      captures: captures(FLOW),
    },

    join: {
      match: `${BESIDE}(join)\\s+${NOT_BOUND}`,
      captures: captures(FLOW, FLOW),
    },

    closure: {
      begin:
        /^\s+([a-z]\w*)\s*(=)\s*(?:(func)\b\s*)?(?=\{[^}]*\}\s*\(|\(\s*(?:$|--|\)\s*(?:->|:)|[a-z]\w*\s*:))/,
      end: /(:)|$/,
      beginCaptures: captures("entity.name.function.aqua", ASSIGN, DECLARATION),
      endCaptures: captures(COLON),
      patterns: include("signature"),
    },

    bind: {
      patterns: [
        {
          match: `${BESIDE}([A-Za-z]\\w*(?:\\s*,\\s*[A-Za-z]\\w*)*)\\s*(<-)`,
          captures: { ...captures(FLOW, "", BIND), 2: { patterns: include("target") } },
        },
        { match: /^\s*([A-Za-z]\w*)\s*(<<-)/, captures: captures(VARIABLE, PUSH) },
      ],
    },
    target: {
      patterns: [
        { match: /\w+/, name: VARIABLE },
        { match: /,/, name: COMMA },
      ],
    },

    assign: {
      match: /^\s*([A-Za-z]\w*)\s*(=)(?!=)/,
      captures: captures(VARIABLE, ASSIGN),
    },

    // `name: *u32`
    stream: {
      begin: /^\s+([a-z]\w*)\s*(:)(?=\s*[^\s-])/,
      end: /$/,
      beginCaptures: captures(VARIABLE, COLON),
      patterns: include("comment", "type"),
    },

    // `Service "id"`
    service_id: {
      match: /^\s+([A-Z]\w*(?:\.[A-Z]\w*)*)\s+(?=["A-Za-z(])/,
      captures: {
        1: {
          patterns: [
            { match: /\w+/, name: SERVICE },
            { match: /\./, name: "punctuation.accessor.aqua" },
          ],
        },
      },
    },

    // ------------------------------------------------------------- expressions

    expression: {
      patterns: [
        ...include("comment", "string", "operator", "literal", "access", "name", "brackets"),
        { match: /,/, name: COMMA },
        { match: /:/, name: COLON },
        ...include("illegal"),
      ],
    },

    operator: {
      patterns: [
        // `a!==1` reads the stream and compares.
        { match: /(?<=[\w)\]!"])!(?===)/, name: "keyword.operator.stream-access.aqua" },
        { match: /==|!=|<=|>=|<(?!-|<-)|>/, name: "keyword.operator.comparison.aqua" },
        // `a<-1` inside a value compares.
        { match: /<(?=-\d)/, name: "keyword.operator.comparison.aqua" },
        { match: /&&|\|\|/, name: "keyword.operator.logical.aqua" },
        {
          match: /(?<=[\w)\]!"])(!)(\d+)?/,
          captures: captures("keyword.operator.stream-access.aqua", "constant.numeric.aqua"),
        },
        { match: /!/, name: "keyword.operator.logical.aqua" },
        // After a value, a sign is an operator; elsewhere it belongs to a literal.
        {
          match: /(?<=[\w)\]!"])\s*(\*\*|[-+*\/%](?!-))/,
          captures: captures("keyword.operator.arithmetic.aqua"),
        },
        { match: /[?*](?=\[)/, name: "storage.modifier.collection.aqua" },
        { match: /%[a-z_]+%/, name: "constant.language.peer.aqua" },
        { match: /-?\b\d+(?:\.\d+)?\b/, name: "constant.numeric.aqua" },
        { match: /\*\*|[-+*\/%]/, name: "keyword.operator.arithmetic.aqua" },
        { match: /->/, name: ARROW },
        { match: /<<-/, name: PUSH },
        { match: /<-/, name: BIND },
        { match: /\?=|=/, name: ASSIGN },
      ],
    },

    literal: {
      patterns: [
        { match: /\b(?:true|false|nil)\b/, name: "constant.language.aqua" },
        { match: /\b(?:HOST_PEER_ID|INIT_PEER_ID)\b/, name: "constant.language.peer.aqua" },
        {
          match: /\b(?:PARTICLE_TTL|PARTICLE_TIMESTAMP|LAST_ERROR)\b/,
          name: "constant.language.aqua",
        },
      ],
    },

    // What follows a dot.
    access: {
      patterns: [
        {
          match: /(\.)([a-z]\w*)(?=\{|\s*\()/,
          captures: captures("punctuation.accessor.aqua", "support.function.method.aqua"),
        },
        {
          match: /(\.)([A-Z]\w*)(?=\s*\()/,
          captures: captures("punctuation.accessor.aqua", "entity.name.type.aqua"),
        },
        {
          match: /(\.)([A-Z][A-Z0-9_]*)\b/,
          captures: captures("punctuation.accessor.aqua", "variable.other.constant.aqua"),
        },
        {
          match: /(\.)([A-Za-z]\w*)/,
          captures: captures("punctuation.accessor.aqua", "variable.other.property.aqua"),
        },
      ],
    },

    name: {
      patterns: [
        {
          match: /\b[a-z]\w*(?=\{|\s*\()/,
          name: "meta.function-call.aqua entity.name.function.call.aqua",
        },
        { match: /\b[A-Z]\w*(?=\{|\s*\()/, name: "entity.name.type.aqua" },
        { match: /\b[A-Z]\w*(?=\.)/, name: SERVICE },
        { match: /\b[A-Z][A-Z0-9_]*\b/, name: "variable.other.constant.aqua" },
        { match: /\b[A-Z]\w*/, name: SERVICE },
        { match: /\b[a-z]\w*/, name: VARIABLE },
      ],
    },

    brackets: {
      patterns: [
        {
          begin: /\(/,
          end: /\)/,
          beginCaptures: { 0: { name: "punctuation.section.group.begin.aqua" } },
          endCaptures: { 0: { name: "punctuation.section.group.end.aqua" } },
          patterns: [
            {
              match: /\b([A-Za-z]\w*)\s*(=)(?!=)/,
              captures: captures("variable.parameter.aqua", ASSIGN),
            },
            ...include("expression"),
          ],
        },
        {
          begin: /\[/,
          end: /\]/,
          beginCaptures: { 0: { name: "punctuation.section.brackets.begin.aqua" } },
          endCaptures: { 0: { name: "punctuation.section.brackets.end.aqua" } },
          patterns: include("expression"),
        },
        {
          begin: /\{/,
          end: /\}/,
          beginCaptures: { 0: { name: "punctuation.definition.abilities.begin.aqua" } },
          endCaptures: { 0: { name: "punctuation.definition.abilities.end.aqua" } },
          patterns: include("expression"),
        },
      ],
    },

    illegal: {
      patterns: [
        { match: /'[^']*'?/, name: "invalid.illegal.aqua" },
        { match: /#.*$/, name: "invalid.illegal.aqua" },
        { match: /[;@$\\`~^&|]/, name: "invalid.illegal.aqua" },
      ],
    },
  },
};
