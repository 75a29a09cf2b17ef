" Reads the lines of `aquac check --format short` as `:make` would: vim -es -S test/quickfix.vim
set nocompatible
execute 'set runtimepath^=' . expand('<sfile>:p:h:h')
" The expression form reads the global format.
compiler! aquac
cgetexpr ['src/a b.aqua:10:6: error[AQ0201]: cannot find `x`', 'f.aqua:1:2: warning[AQ0604]: a: b', '2 errors']
let s:found = map(getqflist(), {_, item -> [bufname(item.bufnr), item.lnum, item.col, item.type, item.nr, item.text]})
let s:wanted = [
      \ ['src/a b.aqua', 10, 6, 'e', 201, 'cannot find `x`'],
      \ ['f.aqua', 1, 2, 'w', 604, 'a: b']]
if s:found !=# s:wanted
  call writefile([string(s:found)], '/dev/stdout')
  cquit!
endif
qall!
