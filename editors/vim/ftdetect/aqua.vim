autocmd BufNewFile,BufRead *.aqua setfiletype aqua
autocmd BufNewFile,BufRead *.air setfiletype air
autocmd BufNewFile,BufRead *.aqirt setfiletype aqir
