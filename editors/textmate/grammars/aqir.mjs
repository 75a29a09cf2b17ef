// The text form of compiled programs (`.aqirt`): a head, then one node per line.

const captures = (...names) =>
  Object.fromEntries(names.map((name, at) => [at + 1, name && { name }]).filter(([, name]) => name));
const include = (...names) => names.map((name) => ({ include: `#${name}` }));

export default {
  $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  name: "Aqua IR",
  scopeName: "source.aqir",
  fileTypes: ["aqirt"],
  patterns: include("comment", "head", "node", "expression"),
  repository: {
    comment: {
      match: /(\/\/).*$/,
      name: "comment.line.double-slash.aqir",
      captures: captures("punctuation.definition.comment.aqir"),
    },

    head: {
      patterns: [
        {
          match: /^(aqir)\s+(\d+)/,
          captures: captures("keyword.control.import.aqir", "constant.numeric.aqir"),
        },
        {
          begin: /^(parameters)\b/,
          end: /$/,
          beginCaptures: captures("storage.type.aqir"),
          patterns: include("comment", "shape"),
        },
        {
          begin: /^(type)\s+(&\d+)\s*(=)/,
          end: /$/,
          beginCaptures: captures("storage.type.aqir", "variable.other.constant.aqir", "keyword.operator.assignment.aqir"),
          patterns: include("comment", "shape"),
        },
        {
          match: /^(expr)\s+(&\d+)\s*(=)/,
          captures: captures("storage.type.aqir", "variable.other.constant.aqir", "keyword.operator.assignment.aqir"),
        },
        {
          match: /^(slots)\s+(\d+)/,
          captures: captures("storage.type.aqir", "constant.numeric.aqir"),
        },
        {
          begin: /^(streams)\b/,
          end: /$/,
          beginCaptures: captures("storage.type.aqir"),
          patterns: [
            { match: /\b(?:list|map)\b/, name: "support.type.primitive.aqir" },
            { match: /,/, name: "punctuation.separator.comma.aqir" },
            ...include("comment"),
          ],
        },
      ],
    },

    // A line's first word.
    node: {
      patterns: [
        { match: /^\s*(if|match|mismatch)\b/, captures: captures("keyword.control.conditional.aqir") },
        { match: /^\s*(try|fail)\b/, captures: captures("keyword.control.exception.aqir") },
        { match: /^\s*(visit)\b/, captures: captures("keyword.control.topology.aqir") },
        { match: /^\s*(let|scope)\b/, captures: captures("storage.type.aqir") },
        { match: /^\s*(call|push|snapshot)\b/, captures: captures("keyword.other.instruction.aqir") },
        {
          begin: /^\s*(for)\s+(\$\d+)\s+(in)\b(?:\s+(entries)\b)?/,
          end: /$/,
          beginCaptures: captures("keyword.control.flow.aqir", "variable.other.slot.aqir", "keyword.control.flow.aqir", "keyword.control.flow.aqir"),
          patterns: [
            {
              match: /\b(sequential|parallel|until success|explicit|in order)(?:(,)\s*(last (?:never|below)))?(?=\s*(?:home\b|\/\/|$))/,
              captures: captures("keyword.control.flow.aqir", "punctuation.separator.comma.aqir", "keyword.control.flow.aqir"),
            },
            ...include("expression"),
          ],
        },
        {
          match: /^\s*(next)(?:\s+(node)\s+(\d+))?/,
          captures: captures("keyword.control.flow.aqir", "keyword.control.flow.aqir", "constant.numeric.aqir"),
        },
        { match: /^\s*(seq|par|never|null|await|return)\b/, captures: captures("keyword.control.flow.aqir") },
      ],
    },

    expression: {
      patterns: [
        ...include("comment", "string"),
        // A constant array or object.
        { begin: /'(?=\[)/, end: /(?<=\])/, name: "meta.constant.aqir", patterns: include("json") },
        { begin: /'(?=\{)/, end: /(?<=\})/, name: "meta.constant.aqir", patterns: include("json") },
        // Where and what of a step, behind its values.
        { match: /\b(at|via|home)\b/, name: "keyword.control.topology.aqir" },
        { match: /\bcount\b/, name: "keyword.control.flow.aqir" },
        { match: /\bas object\b/, name: "keyword.other.instruction.aqir" },
        {
          begin: /(?<=\d)\s+(:)(?=\s)/,
          end: /(?=\s+home\b|\/\/)|$/,
          beginCaptures: captures("punctuation.separator.colon.aqir"),
          patterns: include("shape"),
        },
        { match: /->/, name: "keyword.operator.arrow.aqir" },
        { match: /\$\d+/, name: "variable.other.slot.aqir" },
        { match: /(?<![\w)\]])\*\d+/, name: "variable.other.stream.aqir" },
        { match: /(?<=->\s)\*\d+|(?<=scope\s)\*\d+/, name: "variable.other.stream.aqir" },
        { match: /&\d+/, name: "variable.other.constant.aqir" },
        { match: /\b(arg)\s+(\d+)/, captures: captures("variable.parameter.aqir", "variable.parameter.aqir") },
        { match: /\b(?:and|or)\b/, name: "keyword.operator.logical.aqir" },
        { match: /\b(?:element|key)\b(?=\s)/, name: "keyword.operator.index.aqir" },
        { match: /\b(?:initiator|host)\b/, name: "constant.language.peer.aqir" },
        { match: /\b(?:timestamp|ttl|true|false|null)\b/, name: "constant.language.aqir" },
        {
          match: /\b(?:with|named|length|not|first|either|choose|contains|keys|grouped|raise|thrown)(?=\()/,
          name: "support.function.aqir",
        },
        { match: /(\.)([A-Za-z_]\w*)/, captures: captures("punctuation.accessor.aqir", "variable.other.property.aqir") },
        { match: /\b([A-Za-z_]\w*)\s*(:)/, captures: captures("variable.other.property.aqir", "punctuation.separator.colon.aqir") },
        { match: /\b[A-Za-z_]\w*/, name: "variable.other.property.aqir" },
        { match: /==|!=|<=|>=|[<>]/, name: "keyword.operator.comparison.aqir" },
        { match: /(?<![\w)\]])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, name: "constant.numeric.aqir" },
        { match: /\*\*|\*\.|[-+*\/%]/, name: "keyword.operator.arithmetic.aqir" },
        { match: /=/, name: "keyword.operator.assignment.aqir" },
        ...include("punctuation"),
      ],
    },

    shape: {
      patterns: [
        { match: /\b(?:any|nothing|bool|float|text|[ui]\d+)\b(?!\s*:)/, name: "support.type.primitive.aqir" },
        { match: /\b([A-Za-z_]\w*)\s*(:)/, captures: captures("variable.other.property.aqir", "punctuation.separator.colon.aqir") },
        { match: /&\d+/, name: "variable.other.constant.aqir" },
        { match: /[?\[\]]/, name: "storage.modifier.collection.aqir" },
        ...include("string", "punctuation"),
      ],
    },

    json: {
      patterns: [
        { begin: /\[/, end: /\]/, patterns: include("json") },
        { begin: /\{/, end: /\}/, patterns: include("json") },
        ...include("string"),
        { match: /\b(?:true|false|null)\b/, name: "constant.language.aqir" },
        { match: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, name: "constant.numeric.aqir" },
        ...include("punctuation"),
      ],
    },

    string: {
      begin: /"/,
      end: /"|$/,
      name: "string.quoted.double.aqir",
      beginCaptures: { 0: { name: "punctuation.definition.string.begin.aqir" } },
      endCaptures: { 0: { name: "punctuation.definition.string.end.aqir" } },
      patterns: [
        { match: /\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4})/, name: "constant.character.escape.aqir" },
        { match: /\\./, name: "invalid.illegal.aqir" },
      ],
    },

    punctuation: {
      patterns: [
        { match: /,/, name: "punctuation.separator.comma.aqir" },
        { match: /:/, name: "punctuation.separator.colon.aqir" },
        { match: /\./, name: "punctuation.accessor.aqir" },
        { match: /[()\[\]{}]/, name: "punctuation.section.brackets.aqir" },
      ],
    },
  },
};
