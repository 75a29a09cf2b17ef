" AIR, the script form that older peers run.
if exists('b:current_syntax')
  finish
endif

syntax case match
setlocal iskeyword=@,48-57,_,-
setlocal commentstring=;\ %s

syntax match airVariable "[A-Za-z0-9_-]\+"
syntax match airSigil "[#$%]\+\ze[A-Za-z0-9_-]" nextgroup=airStream
syntax match airStream "[A-Za-z0-9_-]\+" contained
syntax match airPath "\.\%([$@\[\]:?.*,']\|\w\|[!-]\)\+"
syntax match airNumber "\%([([ ]\)\@1<=[+-]\=\d\+\%(\.\d*\)\=\ze[) \]]"
syntax match airFlow "\%((\s*\)\@<=\%(seq\|par\|fold\|next\|never\|null\)\>"
syntax match airException "\%((\s*\)\@<=\%(xor\|fail\)\>"
syntax match airConditional "\%((\s*\)\@<=\%(match\|mismatch\)\>"
syntax match airInstruction "\%((\s*\)\@<=\%(call\|canon\|ap\)\>"
syntax match airNew "\%((\s*\)\@<=new\>"
syntax match airConstant "%\%(init_peer_id\|timestamp\|ttl\|last_error\)%\|:error:"
syntax match airBoolean "\%([([ ]\)\@1<=\%(true\|false\)\ze[) \]]"
syntax region airString start=+"+ end=+"+
syntax match airComment ";.*$" contains=@Spell

highlight default link airVariable Identifier
highlight default link airSigil StorageClass
highlight default link airStream Identifier
highlight default link airPath Special
highlight default link airNumber Number
highlight default link airFlow Statement
highlight default link airException Exception
highlight default link airConditional Conditional
highlight default link airInstruction Function
highlight default link airNew Keyword
highlight default link airConstant Constant
highlight default link airBoolean Boolean
highlight default link airString String
highlight default link airComment Comment

let b:current_syntax = 'air'
