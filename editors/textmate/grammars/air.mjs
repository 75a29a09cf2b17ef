// AIR, the script form that older peers run: brackets, instructions, values.

const captures = (...names) =>
  Object.fromEntries(names.map((name, at) => [at + 1, { name }]));

// The end of a word.
const END = /(?=[\s()\[\]]|$)/.source;

export default {
  $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  name: "AIR",
  scopeName: "source.air",
  fileTypes: ["air"],
  patterns: [
    { match: /(;).*$/, name: "comment.line.semicolon.air", captures: captures("punctuation.definition.comment.air") },
    {
      begin: /"/,
      end: /"/,
      name: "string.quoted.double.air",
      beginCaptures: { 0: { name: "punctuation.definition.string.begin.air" } },
      endCaptures: { 0: { name: "punctuation.definition.string.end.air" } },
    },
    { match: `(?<=[\\s(]|^)(?:match|mismatch)${END}`, name: "keyword.control.conditional.air" },
    { match: `(?<=[\\s(]|^)(?:xor|fail)${END}`, name: "keyword.control.exception.air" },
    { match: `(?<=[\\s(]|^)(?:seq|par|fold|next|never|null)${END}`, name: "keyword.control.flow.air" },
    { match: `(?<=[\\s(]|^)(?:call|canon|ap)${END}`, name: "keyword.other.instruction.air" },
    { match: `(?<=[\\s(]|^)new${END}`, name: "storage.type.air" },
    { match: /%init_peer_id%/, name: "constant.language.peer.air" },
    {
      match: /(%last_error%|:error:)((?:\.[^\s()"]*)?)/,
      captures: captures("constant.language.error.air", "variable.other.property.air"),
    },
    { match: /%timestamp%|%ttl%/, name: "constant.language.air" },
    { match: `(?<=[\\s(\\[]|^)(?:true|false)${END}`, name: "constant.language.boolean.air" },
    { match: `(?<=[\\s(\\[]|^)[+-]?\\d+(?:\\.\\d*)?${END}`, name: "constant.numeric.air" },
    // A word with its sigil, and the path behind it.
    {
      match: /(?<=[\s(\[])([^\s()\[\]";]%)([\w-]+)((?:\.[^\s()"]*)?)/,
      captures: captures("storage.modifier.canon.air", "variable.other.map.air", "variable.other.property.air"),
    },
    {
      match: /(#\$?)([\w-]+)((?:\.[^\s()"]*)?)/,
      captures: captures("storage.modifier.canon.air", "variable.other.stream.air", "variable.other.property.air"),
    },
    {
      match: /(\$)([\w-]+)/,
      captures: captures("storage.modifier.stream.air", "variable.other.stream.air"),
    },
    {
      match: /(%)([\w-]+)/,
      captures: captures("storage.modifier.map.air", "variable.other.map.air"),
    },
    {
      match: /([\w-]+)(\.[^\s()"]*)/,
      captures: captures("variable.other.air", "variable.other.property.air"),
    },
    { match: /[\w-]+/, name: "variable.other.air" },
    { match: /[()]/, name: "punctuation.section.parens.air" },
    { match: /[\[\]]/, name: "punctuation.section.brackets.air" },
  ],
};
