; Written by editors/tree-sitter/queries.mjs from queries/indents.scm.
; A block's head opens it; what follows a block returns by its own indentation.

[
  (data_declaration)
  (service_declaration)
  (ability_declaration)
  (function_declaration)
  (closure)
  (if_statement)
  (else_clause)
  (try_statement)
  (catch_clause)
  (otherwise_clause)
  (otherwise_statement)
  (for_statement)
  (parseq_statement)
  (on_statement)
  (parameters)
  (arguments)
  (collection)
] @indent.begin

["else" "catch" "otherwise"] @indent.branch
[")" "]" "}"] @indent.branch
[")" "]" "}"] @indent.end

(comment) @indent.auto
(string) @indent.auto
