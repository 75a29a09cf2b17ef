" A line that ends with a colon indents the next; `else`, `otherwise` and `catch` stand below what
" they belong to.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=GetAquaIndent(v:lnum)
setlocal indentkeys=!^F,o,O,=else,=otherwise,=catch,),]
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*GetAquaIndent')
  finish
endif

let s:branch = '^\s*\%(else\|otherwise\|catch\s\+\l\w*\)\s*:'

" The line without strings and comment.
function! s:Code(lnum) abort
  return substitute(substitute(getline(a:lnum), '"[^"]*"', '""', 'g'), '\s*--.*$', '', '')
endfunction

" The line before that has code, from `lnum` on.
function! s:CodeAbove(lnum) abort
  let l:lnum = prevnonblank(a:lnum)
  while l:lnum > 0 && s:Code(l:lnum) =~# '^\s*$'
    let l:lnum = prevnonblank(l:lnum - 1)
  endwhile
  return l:lnum
endfunction

function! GetAquaIndent(lnum) abort
  let l:above = s:CodeAbove(a:lnum - 1)
  if l:above == 0
    return 0
  endif
  let l:indent = indent(l:above)
  let l:opens = s:Code(l:above) =~# ':\s*$'
  if getline(a:lnum) =~# s:branch && !l:opens
    " Below the innermost head that can have this branch and is not deeper than the line above.
    let l:head = '^\s*\%(if\|try\|catch\)\>.*:\s*$'
    let l:lnum = l:above
    while l:lnum > 0
      if indent(l:lnum) < l:indent
        let l:indent = indent(l:lnum)
        if s:Code(l:lnum) =~# l:head
          return l:indent
        endif
      endif
      let l:lnum = s:CodeAbove(l:lnum - 1)
    endwhile
    return indent(l:above)
  endif
  return l:opens ? l:indent + shiftwidth() : l:indent
endfunction
