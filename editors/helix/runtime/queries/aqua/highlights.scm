; Written by editors/tree-sitter/queries.mjs from queries/highlights.scm.
; Token classes of editors/README.md. No node fits two patterns, so their order does not matter:
; editors disagree about which of two would win.

; Comments and literals

((comment) @comment.line
  (#not-match? @comment.line "^---"))
((comment) @comment.line.documentation
  (#match? @comment.line.documentation "^---"))

(string) @string
((number) @constant.numeric.integer
  (#not-match? @constant.numeric.integer "[.]"))
((number) @constant.numeric.float
  (#match? @constant.numeric.float "[.]"))
(boolean) @constant.builtin.boolean
(special_constant) @constant.builtin

; Words

["func"] @keyword.function
["service" "data" "ability" "alias" "const"] @keyword.storage.type
["aqua" "module" "declares" "import" "use" "export" "from" "as"] @keyword.control.import
["if" "else" "otherwise"] @keyword.control.conditional
["for"] @keyword.control.repeat
["par" "co" "join" "parseq" "rec"] @keyword.control
(try_statement "try" @keyword.control.exception)
(catch_clause "catch" @keyword.control.exception)
["on" "via"] @keyword.directive

(for_statement
  mode: "try" @keyword.control)

; Operators

["<-" "<<-" "=" "?="] @operator
(binary_expression operator: _ @operator)
(not_expression "!" @operator)
(bang_access "!" @operator)
(wildcard) @operator
"->" @punctuation.delimiter

["," "." ":"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket

; Types

(primitive_type) @type.builtin
(extreme_type) @type.builtin
(named_type [(identifier) (upper_identifier)] @type)
(data_declaration name: (upper_identifier) @type)
(alias_declaration name: (upper_identifier) @type)
(service_declaration name: (upper_identifier) @namespace)
(ability_declaration name: (upper_identifier) @namespace)
(ability_type [(identifier) (upper_identifier)] @namespace)

(array_type "[]" @keyword.storage.modifier)
(option_type "?" @keyword.storage.modifier)
(stream_type "*" @keyword.storage.modifier)
(map_type "%" @keyword.storage.modifier)
(collection ["?" "*"] @keyword.storage.modifier)

; Names

(variable (identifier) @variable
  (#not-eq? @variable "nil"))
(variable (upper_identifier) @namespace
  (#match? @namespace "[a-z]"))
((qualifier (upper_identifier) @namespace)
  (#not-any-of? @namespace
    "HOST_PEER_ID" "INIT_PEER_ID" "PARTICLE_TTL" "PARTICLE_TIMESTAMP" "LAST_ERROR"))
((qualifier (upper_identifier) @constant.builtin)
  (#any-of? @constant.builtin
    "HOST_PEER_ID" "INIT_PEER_ID" "PARTICLE_TTL" "PARTICLE_TIMESTAMP" "LAST_ERROR"))
(variable (upper_identifier) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]*$")
  (#not-any-of? @constant
    "HOST_PEER_ID" "INIT_PEER_ID" "PARTICLE_TTL" "PARTICLE_TIMESTAMP" "LAST_ERROR"))
(const_declaration name: (upper_identifier) @constant)
((variable (upper_identifier) @constant.builtin)
  (#any-of? @constant.builtin
    "HOST_PEER_ID" "INIT_PEER_ID" "PARTICLE_TTL" "PARTICLE_TIMESTAMP" "LAST_ERROR"))
((variable (identifier) @constant.builtin)
  (#eq? @constant.builtin "nil"))

(assignment name: (identifier) @variable)
(assignment name: (upper_identifier) @variable)
(binding name: (identifier) @variable)
(binding name: (upper_identifier) @variable)
(push target: (identifier) @variable)
(push target: (upper_identifier) @variable)
(stream_declaration name: (identifier) @variable)
(for_statement item: (identifier) @variable)
(parseq_statement item: (identifier) @variable)
(catch_clause name: (identifier) @variable)

(parameter name: (identifier) @variable.parameter)
(named_argument name: (identifier) @variable.parameter)
(named_argument name: (upper_identifier) @variable.parameter)
(field name: (identifier) @variable.other.member)
(field_access field: (identifier) @variable.other.member)
(field_access field: (upper_identifier) @variable.other.member
  (#match? @variable.other.member "[a-z]"))
(field_access field: (upper_identifier) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]*$"))

(function_declaration name: (identifier) @function)
(closure name: (identifier) @function)
(method name: (identifier) @function.method)
(call function: (identifier) @function)
(method_call method: (identifier) @function.method)
(construction type: (upper_identifier) @type)
(service_path (upper_identifier) @namespace)

(path (identifier) @variable)
(path (upper_identifier) @namespace
  (#match? @namespace "[a-z]"))
(path (upper_identifier) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]*$"))
(module_name [(identifier) (upper_identifier)] @namespace)
