" `:make` checks the project and fills the quickfix list.
if exists('current_compiler')
  finish
endif
let current_compiler = 'aquac'

CompilerSet makeprg=aquac\ check\ --format\ short\ $*
CompilerSet errorformat=%f:%l:%c:\ %trror[AQ%n]:\ %m,%f:%l:%c:\ %tarning[AQ%n]:\ %m,%-G%.%#
