" The text form of compiled programs.
if exists('b:current_syntax')
  finish
endif

syntax case match
setlocal commentstring=//\ %s

syntax match aqirNumber "\<\d\+\%(\.\d\+\)\=\%([eE][+-]\=\d\+\)\=\>"
syntax match aqirField "\.\@1<=\h\w*\|\<\h\w*\ze\s*:"
syntax match aqirSlot "\$\d\+"
syntax match aqirStream "\*\d\+"
syntax match aqirName "&\d\+"
syntax match aqirFunction "\<\%(with\|named\|length\|not\|first\|either\|choose\|contains\|keys\|grouped\|raise\|thrown\)\ze("
syntax match aqirArgument "\<arg \d\+"
syntax match aqirOperator "->\|==\|!=\|<=\|>=\|\<and\>\|\<or\>"
syntax match aqirConstant "\<\%(true\|false\|null\|initiator\|host\|timestamp\|ttl\)\>"
syntax match aqirType "\<\%(any\|nothing\|bool\|float\|text\|[ui]\d\+\)\>\ze\s*\%([],})]\|$\)"
syntax match aqirPlace "\<\%(at\|via\|home\)\>\ze "
syntax match aqirConditional "^\s*\zs\%(if\|match\|mismatch\)\>"
syntax match aqirException "^\s*\zs\%(try\|fail\)\>"
syntax match aqirPlace "^\s*\zsvisit\>"
syntax match aqirKeyword "^\s*\zs\%(let\|scope\)\>"
syntax match aqirInstruction "^\s*\zs\%(call\|push\|snapshot\)\>"
syntax match aqirFlow "^\s*\zs\%(seq\|par\|for\|next\|never\|null\|await\|return\)\>"
syntax match aqirFlow "\<\%(in\|entries\|count\)\> \@="
syntax match aqirFlow "\<\%(sequential\|parallel\|until success\|explicit\|in order\)\%(, last \%(never\|below\)\)\=\ze\%( home\|$\)"
syntax match aqirHead "^\%(aqir\|parameters\|slots\|streams\|type\|expr\)\>"
syntax region aqirString start=+"+ skip=+\\.+ end=+"+ oneline
syntax match aqirComment "//.*$" contains=@Spell

highlight default link aqirNumber Number
highlight default link aqirField Identifier
highlight default link aqirSlot Identifier
highlight default link aqirStream Identifier
highlight default link aqirName Constant
highlight default link aqirFunction Function
highlight default link aqirArgument Identifier
highlight default link aqirOperator Operator
highlight default link aqirConstant Constant
highlight default link aqirType Type
highlight default link aqirPlace PreProc
highlight default link aqirConditional Conditional
highlight default link aqirException Exception
highlight default link aqirKeyword Keyword
highlight default link aqirInstruction Function
highlight default link aqirFlow Statement
highlight default link aqirHead Include
highlight default link aqirString String
highlight default link aqirComment Comment

let b:current_syntax = 'aqir'
