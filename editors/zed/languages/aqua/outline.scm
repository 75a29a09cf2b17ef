(function_declaration
  "func" @context
  name: (identifier) @name) @item

(service_declaration
  "service" @context
  name: (upper_identifier) @name) @item

(ability_declaration
  "ability" @context
  name: (upper_identifier) @name) @item

(data_declaration
  "data" @context
  name: (upper_identifier) @name) @item

(alias_declaration
  "alias" @context
  name: (upper_identifier) @name) @item

(const_declaration
  "const" @context
  name: (upper_identifier) @name) @item

(method
  name: (identifier) @name) @item
