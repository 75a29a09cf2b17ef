" Aqua. No word is reserved: a word is a keyword only where its line makes it one.
if exists('b:current_syntax')
  finish
endif

syntax case match
syntax sync minlines=300

" Comments and literals

syntax match aquaComment excludenl "--.*$" contains=aquaTodo,@Spell
syntax match aquaDocComment excludenl "---.*$" contains=aquaTodo,@Spell
syntax keyword aquaTodo TODO FIXME XXX contained
syntax region aquaString start=+"+ end=+"+ contains=@Spell
syntax match aquaNumber "-\=\<\d\+\%(\.\d\+\)\=\>"
syntax match aquaBoolean "\<\%(true\|false\)\>"
syntax match aquaNil "\<nil\>"

" Names, from the plain to the special: of two that start at one place, the later one is meant

syntax match aquaVariable "\<\l\w*\>"
syntax match aquaType "\<\u\w*\>"
syntax match aquaConstant "\<\u[A-Z0-9_]*\>"
syntax match aquaService "\<\u\w*\ze\."
syntax match aquaType "\<\u\w*\ze\s*("
syntax match aquaCall "\<\l\w*\ze\%({\|\s*(\)"
syntax match aquaAccessor "\." nextgroup=aquaField,aquaMethodCall,aquaConstant,aquaType
syntax match aquaField "\<\l\w*\>" contained
syntax match aquaMethodCall "\<\l\w*\ze\%({\|\s*(\)" contained
syntax match aquaBoolean "\<\%(true\|false\)\>"
syntax match aquaNil "\<nil\>"
syntax match aquaPeer "\<\%(HOST_PEER_ID\|INIT_PEER_ID\)\>"
syntax match aquaBuiltin "\<\%(PARTICLE_TTL\|PARTICLE_TIMESTAMP\|LAST_ERROR\)\>"

" Operators

syntax match aquaOperator "[-+*/%<>=!?]"
syntax match aquaOperator "\*\*\|==\|!=\|<=\|>=\|&&\|||\|<-\|<<-\|->\|?="
syntax match aquaSigil "[?*]\ze\["
" After a value, a sign is an operator.
syntax match aquaOperator "\%([A-Za-z0-9_)\]!\"]\s*\)\@<=\%(\*\*\|[-+*/%]-\@!\)"
" `a<-1` inside a value compares.
syntax match aquaOperator "\%(=.*\)\@<=<\ze-\d"
syntax match aquaPeer "%[a-z_]\+%"
syntax match aquaNumber "-\<\d\+\%(\.\d\+\)\=\>\%([A-Za-z0-9_)\]!\"]\s*-\d\+\%(\.\d\+\)\=\)\@<!"
syntax match aquaComment excludenl "--.*$" contains=aquaTodo,@Spell
syntax match aquaDocComment excludenl "---.*$" contains=aquaTodo,@Spell

" Types

syntax cluster aquaTypes contains=aquaSigilType,aquaTypeWord,aquaPrimitive,aquaTypeName,aquaTypeGroup,aquaTypeArrow,aquaComment,aquaDocComment
syntax match aquaSigilType "\[\]\|[?*%]" contained
" In lower case there is no type, but what stands there is meant as one.
syntax match aquaTypeWord "\<\l\w*\>" contained
syntax match aquaPrimitive "\<\%(u8\|u16\|u32\|u64\|i8\|i16\|i32\|i64\|f32\|f64\|bool\|string\)\>\|[⊤⊥]" contained
syntax match aquaTypeName "\<\u\w*\>" contained
syntax match aquaTypeArrow "->" contained
syntax region aquaTypeGroup start="(" end=")" contained contains=@aquaTypes

" Arguments

syntax region aquaArguments matchgroup=aquaBracket start="(" end=")" contains=TOP,aquaStatement,aquaClosureHead,aquaStream
syntax match aquaNamed "\<\l\w*\ze\s*==\@!" contained containedin=aquaArguments
syntax region aquaIndex matchgroup=aquaBracket start="\[" end="\]" contains=TOP

" Parameters and what follows them

syntax region aquaParameters matchgroup=aquaBracket start="(" end=")" contained contains=aquaParameter,@aquaTypes
syntax match aquaParameter "\<\l\w*\ze\s*:" contained
syntax region aquaAbilities matchgroup=aquaBracket start="{" end="}" contained contains=aquaAbility,aquaComment
syntax match aquaAbility "\<\u\w*" contained
syntax cluster aquaSignature contains=aquaParameters,aquaAbilities,aquaTypeArrow,aquaSigilType,aquaTypeWord,aquaPrimitive,aquaTypeName,aquaComment,aquaDocComment

" Statements

syntax match aquaVariable "^\s*\zs\a\w*\ze\s*\%(==\@!\|<-\|<<-\|,\)"
syntax match aquaConditional "^\s*\zsif\>\ze\s\+\%(==\@!\|<-\|<<-\|,\|:\)\@!"
syntax match aquaConditional "^\s*\zs\%(else\|otherwise\)\ze\s*:\s*\%(--.*\)\=$"
syntax match aquaException "^\s*\zstry\ze\s*:\s*\%(--.*\)\=$"
syntax match aquaException "^\s*\zscatch\ze\s\+\l\w*\s*:\s*\%(--.*\)\=$"
syntax match aquaFlow "^\s*\zs\%(par\|co\)\ze\s\+\a"
syntax match aquaFlow "\%(^\s*\%(\%(par\|co\)\s\+\)\=\)\@<=join\ze\s\+\%(==\@!\|<-\|<<-\|,\)\@!"
syntax match aquaRepeat "\%(^\s*\%(\%(par\|co\)\s\+\)\=\)\@<=for\ze\s\+\l\w*\s*\%(,\s*\l\w*\s*\)\=<-"
syntax match aquaFlow "^\s*\zsparseq\ze\s\+\l\w*\s*\%(,\s*\l\w*\s*\)\=<-"
syntax match aquaFlow "\%(\<for\s.*<-\s*\S.*\s\)\@<=\%(par\|try\|rec\)\ze\s*:\s*\%(--.*\)\=$"
syntax match aquaTopology "\%(^\s*\%(\%(par\|co\)\s\+\)\=\)\@<=on\ze\s\+\%(==\@!\|<-\|<<-\|,\|:\)\@!"
syntax match aquaTopology "\%(^\s*\%(\%(par\|co\)\s\+\)\=\%(on\|parseq\)\s.*\S\s\+\)\@<=via\ze\s\+\S"
syntax match aquaTopology "\%(^\s*parseq\s.*<-\s*\S.*\s\)\@<=on\ze\s\+\S"
syntax match aquaService "^\s\+\zs\u\w*\%(\.\u\w*\)*\ze\s\+[\"A-Za-z]"
syntax region aquaStream matchgroup=aquaVariable start="^\s\+\zs\%(\%(else\|otherwise\|try\)\s*:\s*\%(--\|$\)\)\@!\l\w*\ze\s*:\s*[^ \t-]" end="$" oneline contains=@aquaTypes
syntax region aquaClosureHead matchgroup=aquaFunction start="^\s\+\zs\l\w*\ze\s*=\s*\%(func\>\s*\)\=\%({[^}]*}\s*(\|(\s*\%($\|--\|)\s*\%(->\|:\)\|\l\w*\s*:\)\)" matchgroup=aquaBracket end=":" contains=aquaFunc,@aquaSignature
syntax match aquaFunc "\<func\>" contained
syntax match aquaOperator "=" contained containedin=aquaClosureHead

" Declarations

syntax region aquaFunctionHead matchgroup=aquaDeclaration start="^func\>" matchgroup=aquaBracket end=":\|\%(\%(^func.*\)\@<=$\)" contains=aquaFunction,@aquaSignature
syntax match aquaFunction "\%(^func\s\+\)\@<=\l\w*" contained
syntax region aquaData matchgroup=aquaDeclaration start="^data\>" end="^\ze\%([^ \t-]\|-[^-]\)" contains=aquaDataName,aquaMember,aquaComment,aquaDocComment fold
syntax match aquaDataName "\%(^\%(data\|alias\)\s\+\)\@<=\u\w*" contained
syntax region aquaServiceBody matchgroup=aquaDeclaration start="^service\>" end="^\ze\%([^ \t-]\|-[^-]\)" contains=aquaServiceName,aquaServiceId,aquaMethod,aquaComment,aquaDocComment fold
syntax match aquaServiceName "\%(^\%(service\|ability\)\s\+\)\@<=\u\w*" contained nextgroup=aquaServiceId
syntax region aquaServiceId matchgroup=aquaBracket start="(" end=")" contained contains=aquaString,aquaConstant
syntax region aquaAbilityBody matchgroup=aquaDeclaration start="^ability\>" end="^\ze\%([^ \t-]\|-[^-]\)" contains=aquaServiceName,aquaAbilityMember,aquaMethod,aquaComment,aquaDocComment fold
syntax region aquaMethod matchgroup=aquaMethodName start="^\s\+\zs\l\w*\ze\s*[({:]" end="$" contained contains=@aquaSignature
syntax region aquaMember matchgroup=aquaMemberName start="^\s\+\zs\l\w*\ze\s*:" end="$" contained contains=@aquaTypes
syntax region aquaAbilityMember matchgroup=aquaMemberName start="^\s\+\zs\l\w*\ze\s*:\%([^-]*->\)\@!" end="$" contained contains=@aquaTypes
syntax region aquaAlias matchgroup=aquaDeclaration start="^alias\>" end="$" oneline contains=aquaDataName,@aquaTypes
syntax match aquaDeclaration "^const\>"

" Header

syntax region aquaHeader matchgroup=aquaInclude start="^\s*\%(aqua\|module\)\ze\s\+\a" end="$" oneline contains=aquaModuleName,aquaDeclares,aquaWildcard,aquaHeaderName,aquaComment
syntax region aquaHeader matchgroup=aquaInclude start="^\%(import\|use\|export\)\ze\s" end="$" oneline contains=aquaFrom,aquaAs,aquaHeaderName,aquaString,aquaComment
syntax match aquaHeaderName "\<\a\w*\>" contained contains=aquaTypeName
syntax match aquaModuleName "\%(^\s*\%(aqua\|module\)\s\+\)\@<=\a\w*\%(\.\a\w*\)*" contained nextgroup=aquaDeclares skipwhite
syntax match aquaDeclares "\<declares\>" contained
syntax match aquaWildcard "\*" contained
syntax match aquaFrom "\<from\ze\s\+\"" contained
syntax match aquaAs "\<as\ze\s\+\a" contained nextgroup=aquaHeaderName skipwhite

" Mistakes

syntax match aquaError "'[^']*'\="
syntax match aquaError "#.*$"

highlight default link aquaComment Comment
highlight default link aquaDocComment SpecialComment
highlight default link aquaTodo Todo
highlight default link aquaString String
highlight default link aquaNumber Number
highlight default link aquaBoolean Boolean
highlight default link aquaNil Constant
highlight default link aquaPeer Constant
highlight default link aquaBuiltin Constant
highlight default link aquaConstant Constant
highlight default link aquaType Type
highlight default link aquaTypeName Type
highlight default link aquaTypeWord Type
highlight default link aquaDataName Type
highlight default link aquaPrimitive Type
highlight default link aquaService Structure
highlight default link aquaServiceName Structure
highlight default link aquaAbility Structure
highlight default link aquaModuleName Structure
highlight default link aquaSigil StorageClass
highlight default link aquaSigilType StorageClass
highlight default link aquaFunction Function
highlight default link aquaMethodName Function
highlight default link aquaMethodCall Function
highlight default link aquaCall Function
highlight default link aquaVariable Identifier
highlight default link aquaParameter Identifier
highlight default link aquaNamed Identifier
highlight default link aquaMemberName Identifier
highlight default link aquaField Identifier
highlight default link aquaHeaderName Identifier
highlight default link aquaOperator Operator
highlight default link aquaTypeArrow Operator
highlight default link aquaWildcard Operator
highlight default link aquaDeclaration Keyword
highlight default link aquaFunc Keyword
highlight default link aquaInclude Include
highlight default link aquaDeclares Include
highlight default link aquaFrom Include
highlight default link aquaAs Include
highlight default link aquaConditional Conditional
highlight default link aquaRepeat Repeat
highlight default link aquaFlow Statement
highlight default link aquaException Exception
highlight default link aquaTopology PreProc
highlight default link aquaBracket Delimiter
highlight default link aquaError Error

let b:current_syntax = 'aqua'
