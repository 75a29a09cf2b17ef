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
] @indent

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
] @extend

(return_statement) @extend.prevent-once

[")" "]" "}"] @outdent
