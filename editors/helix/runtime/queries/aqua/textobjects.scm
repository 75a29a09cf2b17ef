(function_declaration body: (block) @function.inside) @function.around
(closure body: (block) @function.inside) @function.around
(data_declaration body: (block) @class.inside) @class.around
(service_declaration body: (block) @class.inside) @class.around
(ability_declaration body: (block) @class.inside) @class.around
(parameter) @parameter.inside
(arguments (_) @parameter.inside)
(comment) @comment.inside
(comment)+ @comment.around
