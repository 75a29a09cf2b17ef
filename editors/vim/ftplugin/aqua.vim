if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=--\ %s
setlocal comments=:---,:--
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal suffixesadd=.aqua
setlocal formatoptions-=t formatoptions+=croql
" Bodies fold by their indentation.
setlocal foldmethod=indent foldlevel=99

if executable('aquac')
  compiler aquac
endif

let b:undo_ftplugin = 'setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< suffixesadd< formatoptions< foldmethod< foldlevel<'
