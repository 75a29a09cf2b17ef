" Prints the syntax group of every run of characters: vim -es -S test/dump.vim FILE
set nocompatible encoding=utf-8
execute 'set runtimepath^=' . expand('<sfile>:p:h:h')
filetype plugin indent on
syntax on
edit
let s:lines = []
for s:lnum in range(1, line('$'))
  let s:text = getline(s:lnum)
  call add(s:lines, '>' . s:text)
  let s:from = 1
  let s:col = 1
  while s:col <= len(s:text) + 1
    let s:group = s:col > len(s:text) ? '' : synIDattr(synID(s:lnum, s:col, 1), 'name')
    if s:col == 1
      let s:last = s:group
    elseif s:group !=# s:last || s:col > len(s:text)
      let s:part = strpart(s:text, s:from - 1, s:col - s:from)
      if s:part =~# '\S' && !empty(s:last)
        call add(s:lines, printf('#%d-%d %s %s', s:from, s:col - 1, s:last, trim(s:part)))
      endif
      let s:from = s:col
      let s:last = s:group
    endif
    let s:col += 1
  endwhile
endfor
call writefile(s:lines, '/dev/stdout')
qall!
