-- For Neovim 0.11 and later: `vim.lsp.enable("aquac")`.
return {
  cmd = { "aquac", "lsp" },
  filetypes = { "aqua" },
  root_markers = { "aqua.toml", ".git" },
}
