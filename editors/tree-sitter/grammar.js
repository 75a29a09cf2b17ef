/**
 * The Aqua language as a tree.
 *
 * No word of the language is reserved. Words with a meaning are literals here; where one stands in
 * a place that wants a name, the lexer hands it over as a name, except where both are possible:
 * there `name` lists the words by hand (`if = 1` is an assignment).
 *
 * Lines and blocks come from `src/scanner.c`: `_newline` ends a line, `_indent` and `_dedent`
 * enclose a block's body. Inside brackets none of the three is possible, so lines go on there.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const PREC = { or: 1, and: 2, equal: 3, compare: 4, add: 5, multiply: 6, power: 7, not: 8, postfix: 9 };

const SCALARS = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64", "bool", "string"];

/** Words that can start a statement and yet be the name that a statement binds. */
const STATEMENT_WORDS = [
  "if", "on", "for", "par", "co", "join", "parseq", "try", "catch", "else", "otherwise",
];

/** The body that a head opens. Heads without one are mistakes, but people type them first. */
const body = ($, lines) => seq(":", choice(seq($._indent, lines, $._dedent), $._newline));

/** What stands before a dot. */
const object = ($) => field("object", choice($._expression, $.qualifier));

const list = (item) => seq(item, repeat(seq(",", item)));

export default grammar({
  name: "aqua",

  externals: ($) => [$._newline, $._indent, $._dedent, $._recovery],

  extras: ($) => [/\s/, $.comment],

  word: ($) => $.identifier,

  inline: ($) => [$._statement_name],

  conflicts: ($) => [
    // `cb: u8, …`: another type of an arrow, or the next parameter?
    [$._type_or_arrow, $._domain],
    [$.results],
    [$._domain],
    [$.parameter, $._domain],
    [$._domain, $.results],
    // `Srv "id"` and `M.Srv "id"` start as values do.
    [$.service_path, $.qualifier, $.variable],
    // `Srv (id)`: the id of a service, or something that is built?
    [$.service_path, $.construction],
  ],

  supertypes: ($) => [$._statement, $._expression, $._declaration],

  rules: {
    source_file: ($) => repeat(choice($._header, $._declaration)),

    // ---------------------------------------------------------------- header

    _header: ($) =>
      choice($.module_header, $.import_header, $.use_header, $.export_header),

    module_header: ($) =>
      seq(
        choice("aqua", "module"),
        field("name", alias($.path, $.module_name)),
        optional(seq("declares", choice($.wildcard, $.name_list))),
        $._newline,
      ),

    import_header: ($) =>
      seq("import", optional(seq($.name_list, "from")), field("source", $.string), $._newline),

    use_header: ($) =>
      seq(
        "use",
        optional(seq($.name_list, "from")),
        field("source", $.string),
        optional(seq("as", field("alias", $.path))),
        $._newline,
      ),

    export_header: ($) => seq("export", $.name_list, $._newline),

    wildcard: (_) => "*",
    name_list: ($) => list(choice($.path, $.renamed)),
    renamed: ($) => seq(field("name", $.path), "as", field("alias", $.path)),
    path: ($) => seq($._any_name, repeat(seq(".", $._any_name))),
    _any_name: ($) => choice($.identifier, $.upper_identifier),

    // ---------------------------------------------------------- declarations

    _declaration: ($) =>
      choice(
        $.data_declaration,
        $.service_declaration,
        $.ability_declaration,
        $.alias_declaration,
        $.const_declaration,
        $.function_declaration,
      ),

    data_declaration: ($) =>
      seq("data", field("name", $.upper_identifier), field("body", alias($._fields, $.block))),
    _fields: ($) => body($, repeat1(alias($._data_field, $.field))),
    _data_field: ($) =>
      seq(field("name", $.identifier), ":", field("type", $._type_or_arrow), $._newline),
    field: ($) =>
      seq(field("name", $.identifier), ":", field("type", $._type), $._newline),

    service_declaration: ($) =>
      seq(
        "service",
        field("name", $.upper_identifier),
        optional(seq("(", field("id", $._expression), ")")),
        field("body", alias($._methods, $.block)),
      ),
    _methods: ($) => body($, repeat1($.method)),
    method: ($) =>
      seq(
        field("name", $.identifier),
        choice($._arrow_head, seq(":", field("type", $.arrow_type))),
        $._newline,
      ),

    ability_declaration: ($) =>
      seq("ability", field("name", $.upper_identifier), field("body", alias($._members, $.block))),
    _members: ($) => body($, repeat1(choice($.field, $.method))),

    alias_declaration: ($) =>
      seq(
        "alias",
        field("name", $.upper_identifier),
        ":",
        field("type", $._type_or_arrow),
        $._newline,
      ),

    const_declaration: ($) =>
      seq(
        "const",
        field("name", $.upper_identifier),
        choice("=", "?="),
        field("value", $._expression),
        $._newline,
      ),

    function_declaration: ($) =>
      seq("func", field("name", $.identifier), $._arrow_head, field("body", $.block)),

    _arrow_head: ($) =>
      seq(
        optional($.ability_parameters),
        field("parameters", $.parameters),
        optional(seq("->", field("results", $.results))),
      ),
    ability_parameters: ($) => seq("{", list(alias($.named_type, $.ability_type)), "}"),
    parameters: ($) => seq("(", optional(list($.parameter)), ")"),
    parameter: ($) =>
      seq(
        field("name", $.identifier),
        ":",
        field("type", choice($._type_or_arrow, $.parenthesized_type)),
      ),

    // ----------------------------------------------------------------- types

    _type_or_arrow: ($) => choice($._type, $.arrow_type),

    arrow_type: ($) =>
      prec.dynamic(
        1,
        seq(
          optional($.ability_parameters),
          optional($._domain),
          "->",
          choice($.results, $.no_results),
        ),
      ),
    _domain: ($) => list(choice($._type, $.parenthesized_type)),
    results: ($) => list(choice($._type_or_arrow, $.parenthesized_type)),
    no_results: (_) => seq("(", ")"),
    parenthesized_type: ($) => seq("(", $._type_or_arrow, ")"),

    _type: ($) =>
      choice(
        $.array_type,
        $.option_type,
        $.stream_type,
        $.map_type,
        $.primitive_type,
        $.extreme_type,
        $.named_type,
      ),
    array_type: ($) => seq("[]", $._type),
    option_type: ($) => seq("?", $._type),
    stream_type: ($) => seq("*", $._type),
    map_type: ($) => seq("%", $._type),
    primitive_type: (_) => choice(...SCALARS),
    extreme_type: (_) => choice("⊤", "⊥"),
    // In lower case there is no type, but what stands there is meant as one.
    named_type: ($) =>
      choice(seq($.upper_identifier, repeat(seq(".", $.upper_identifier))), $.identifier),

    // ------------------------------------------------------------ statements

    block: ($) => body($, repeat1($._statement)),

    _statement: ($) =>
      choice(
        $.return_statement,
        $.assignment,
        $.binding,
        $.push,
        $.stream_declaration,
        $.service_id,
        $.closure,
        $.call_statement,
        $.join_statement,
        $.if_statement,
        $.try_statement,
        $.otherwise_statement,
        $.for_statement,
        $.parseq_statement,
        $.on_statement,
        $.par_statement,
        $.co_statement,
      ),

    // A name that a statement binds.
    _statement_name: ($) =>
      choice($.identifier, ...STATEMENT_WORDS.map((word) => alias(word, $.identifier))),

    return_statement: ($) => seq("<-", list($._expression), $._newline),

    assignment: ($) =>
      seq(
        field("name", choice($._statement_name, $.upper_identifier)),
        "=",
        field("value", $._expression),
        $._newline,
      ),

    binding: ($) =>
      seq(
        list(field("name", choice($._statement_name, $.upper_identifier))),
        "<-",
        field("value", $._expression),
        $._newline,
      ),

    push: ($) =>
      seq(
        field("target", choice($._statement_name, $.upper_identifier)),
        "<<-",
        field("value", $._expression),
        optional(seq(",", field("value", $._expression))),
        $._newline,
      ),

    stream_declaration: ($) =>
      seq(field("name", $.identifier), ":", field("type", $._type_or_arrow), $._newline),

    service_id: ($) =>
      prec.dynamic(1, seq(field("service", $.service_path), field("id", $._expression), $._newline)),
    service_path: ($) => seq($.upper_identifier, repeat(seq(".", $.upper_identifier))),

    closure: ($) =>
      seq(
        field("name", $._statement_name),
        "=",
        optional("func"),
        $._arrow_head,
        field("body", $.block),
      ),

    call_statement: ($) => seq($._expression, $._newline),

    join_statement: ($) => seq("join", list($._expression), $._newline),

    if_statement: ($) =>
      prec.right(
        seq("if", field("condition", $._expression), field("body", $.block), optional($.else_clause)),
      ),
    else_clause: ($) => seq("else", field("body", $.block)),

    try_statement: ($) =>
      prec.right(
        seq("try", field("body", $.block), repeat(choice($.catch_clause, $.otherwise_clause))),
      ),
    catch_clause: ($) => seq("catch", field("name", $.identifier), field("body", $.block)),
    otherwise_clause: ($) => seq("otherwise", field("body", $.block)),
    otherwise_statement: ($) => seq("otherwise", field("body", $.block)),

    for_statement: ($) =>
      seq(
        "for",
        $._items,
        "<-",
        field("source", $._expression),
        optional(field("mode", choice("par", "try", "rec"))),
        field("body", $.block),
      ),
    parseq_statement: ($) =>
      seq(
        "parseq",
        $._items,
        "<-",
        field("source", $._expression),
        "on",
        field("peer", $._expression),
        repeat($.via),
        field("body", $.block),
      ),
    _items: ($) =>
      seq(field("item", $.identifier), optional(seq(",", field("item", $.identifier)))),

    on_statement: ($) =>
      seq("on", field("peer", $._expression), repeat($.via), field("body", $.block)),
    via: ($) => seq("via", $._expression),

    par_statement: ($) => seq("par", $._branch),
    co_statement: ($) => seq("co", $._branch),
    _branch: ($) =>
      choice($.on_statement, $.for_statement, $.join_statement, $.binding, $.call_statement),

    // ----------------------------------------------------------- expressions

    _expression: ($) =>
      choice(
        $.binary_expression,
        $.not_expression,
        $.field_access,
        $.call,
        $.method_call,
        $.construction,
        $.index_access,
        $.bang_access,
        $.collection,
        $.parenthesized_expression,
        $.variable,
        $.number,
        $.string,
        $.boolean,
        $.special_constant,
      ),

    binary_expression: ($) => {
      const left = (operators, level) =>
        prec.left(
          level,
          seq(
            field("left", $._expression),
            field("operator", operators.length > 1 ? choice(...operators) : operators[0]),
            field("right", $._expression),
          ),
        );
      return choice(
        left(["||"], PREC.or),
        left(["&&"], PREC.and),
        // `a!==1` is `a! == 1`.
        left(["==", "!=", token.immediate("!==")], PREC.equal),
        left(["<", "<=", ">", ">="], PREC.compare),
        left(["+", "-"], PREC.add),
        left(["*", "/", "%"], PREC.multiply),
        prec.right(
          PREC.power,
          seq(
            field("left", $._expression),
            field("operator", "**"),
            field("right", $._expression),
          ),
        ),
      );
    },

    not_expression: ($) => prec(PREC.not, seq("!", $._expression)),

    field_access: ($) =>
      prec.left(
        PREC.postfix,
        seq(object($), ".", field("field", $._any_name)),
      ),

    // A module, a service or an ability: a name with a capital before a dot.
    qualifier: ($) => prec.dynamic(1, $.upper_identifier),

    call: ($) =>
      prec(
        PREC.postfix,
        seq(
          field("function", $.identifier),
          optional($.ability_arguments),
          field("arguments", $.arguments),
        ),
      ),

    method_call: ($) =>
      prec.left(
        PREC.postfix,
        seq(
          object($),
          ".",
          field("method", $.identifier),
          optional($.ability_arguments),
          field("arguments", $.arguments),
        ),
      ),

    construction: ($) =>
      choice(
        seq(
          field("type", $.upper_identifier),
          optional($.ability_arguments),
          field("arguments", $.arguments),
        ),
        prec.left(
          PREC.postfix,
          seq(
            field("module", choice($._expression, $.qualifier)),
            ".",
            field("type", $.upper_identifier),
            optional($.ability_arguments),
            field("arguments", $.arguments),
          ),
        ),
      ),

    ability_arguments: ($) => seq("{", list($._expression), "}"),
    arguments: ($) => seq("(", optional(list(choice($._expression, $.named_argument))), ")"),
    named_argument: ($) =>
      seq(field("name", $._any_name), "=", field("value", $._expression)),

    index_access: ($) =>
      prec.left(
        PREC.postfix,
        seq(field("object", $._expression), "[", field("index", $._expression), "]"),
      ),

    // `x!` and `x!2`
    bang_access: ($) =>
      prec.left(
        PREC.postfix,
        seq(
          field("object", $._expression),
          token.immediate("!"),
          optional(field("index", alias(token.immediate(/[0-9]+/), $.number))),
        ),
      ),

    collection: ($) =>
      seq(optional(choice("?", "*")), "[", optional(list($._expression)), "]"),

    parenthesized_expression: ($) => seq("(", $._expression, ")"),

    variable: ($) => choice($.identifier, prec(-1, $.upper_identifier)),

    // --------------------------------------------------------------- lexemes

    identifier: (_) => /[a-z][A-Za-z0-9_]*/,
    upper_identifier: (_) => /[A-Z][A-Za-z0-9_]*/,
    number: (_) => /-?[0-9]+(\.[0-9]+)?/,
    string: (_) => /"[^"]*"/,
    boolean: (_) => choice("true", "false"),
    special_constant: (_) => /%[a-z_]+%/,
    comment: (_) => token(/--[^\r\n]*/),
  },
});
