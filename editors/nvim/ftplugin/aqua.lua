vim.bo.commentstring = "-- %s"
vim.bo.comments = ":---,:--"
vim.bo.expandtab = true
vim.bo.shiftwidth = 2
vim.bo.softtabstop = 2
vim.bo.suffixesadd = ".aqua"

-- Without the parser (see README.md) the plain syntax file of ../vim takes over.
if pcall(vim.treesitter.start, 0, "aqua") then
  vim.wo.foldmethod = "expr"
  vim.wo.foldexpr = "v:lua.vim.treesitter.foldexpr()"
  vim.wo.foldlevel = 99
end

vim.b.undo_ftplugin = "setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< suffixesadd<"
