" Indents a flattened program again and compares: vim -es -S test/indent.vim FILE
set nocompatible encoding=utf-8
execute 'set runtimepath^=' . expand('<sfile>:p:h:h')
filetype plugin indent on
edit
let s:bad = 0
" Each line by itself, with the true lines above it. Where a line may close blocks only its author
" knows how many, so lines that are less deep than the one above are taken as they are.
for s:lnum in range(2, line('$'))
  let s:above = prevnonblank(s:lnum - 1)
  let s:branch = getline(s:lnum) =~# '^\s*\%(else\|otherwise\|catch\s\+\l\w*\)\s*:'
  let s:closes = indent(s:lnum) < indent(s:above) && !s:branch
  if getline(s:lnum) =~# '^\s*\%(--\|$\)' || getline(s:above) =~# '^\s*--' || s:closes
    continue
  endif
  if GetAquaIndent(s:lnum) != indent(s:lnum)
    let s:bad += 1
    call writefile([printf('%s:%d: %d, not %d: %s', expand('%'), s:lnum, GetAquaIndent(s:lnum), indent(s:lnum), getline(s:lnum))], '/dev/stdout')
  endif
endfor
execute s:bad ? 'cquit!' : 'qall!'
