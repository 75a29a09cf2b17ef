vim.filetype.add({ extension = { aqua = "aqua", air = "air", aqirt = "aqir" } })
