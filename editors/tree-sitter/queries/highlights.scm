; Token classes of editors/README.md. No node fits two patterns, so their order does not matter:
; editors disagree about which of two would win.

; Comments and literals

((comment) @comment
  (#not-match? @comment "^---"))
((comment) @comment.documentation
  (#match? @comment.documentation "^---"))

(string) @string
((number) @number
  (#not-match? @number "[.]"))
((number) @number.float
  (#match? @number.float "[.]"))
(boolean) @boolean
(special_constant) @constant.builtin

; Words

["func"] @keyword.function
["service" "data" "ability" "alias" "const"] @keyword.type
["aqua" "module" "declares" "import" "use" "export" "from" "as"] @keyword.import
["if" "else" "otherwise"] @keyword.conditional
["for"] @keyword.repeat
["par" "co" "join" "parseq" "rec"] @keyword.coroutine
(try_statement "try" @keyword.exception)
(catch_clause "catch" @keyword.exception)
["on" "via"] @keyword.directive

(for_statement
  mode: "try" @keyword.coroutine)

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
(data_declaration name: (upper_identifier) @type.definition)
(alias_declaration name: (upper_identifier) @type.definition)
(service_declaration name: (upper_identifier) @module)
(ability_declaration name: (upper_identifier) @module)
(ability_type [(identifier) (upper_identifier)] @module)

(array_type "[]" @type.qualifier)
(option_type "?" @type.qualifier)
(stream_type "*" @type.qualifier)
(map_type "%" @type.qualifier)
(collection ["?" "*"] @type.qualifier)

; Names

(variable (identifier) @variable
  (#not-eq? @variable "nil"))
(variable (upper_identifier) @module
  (#match? @module "[a-z]"))
((qualifier (upper_identifier) @module)
  (#not-any-of? @module
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
(field name: (identifier) @variable.member)
(field_access field: (identifier) @variable.member)
(field_access field: (upper_identifier) @variable.member
  (#match? @variable.member "[a-z]"))
(field_access field: (upper_identifier) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]*$"))

(function_declaration name: (identifier) @function)
(closure name: (identifier) @function)
(method name: (identifier) @function.method)
(call function: (identifier) @function.call)
(method_call method: (identifier) @function.method.call)
(construction type: (upper_identifier) @type)
(service_path (upper_identifier) @module)

(path (identifier) @variable)
(path (upper_identifier) @module
  (#match? @module "[a-z]"))
(path (upper_identifier) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]*$"))
(module_name [(identifier) (upper_identifier)] @module)
