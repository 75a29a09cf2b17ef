; Written by editors/tree-sitter/queries.mjs from queries/injections.scm.
((comment) @injection.content
  (#set! injection.language "comment"))
