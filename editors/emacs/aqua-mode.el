;;; aqua-mode.el --- Editing Aqua programs -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: languages

;;; Commentary:

;; `aqua-mode' needs nothing but Emacs.  `aqua-ts-mode' reads the same keys and uses the
;; tree-sitter grammar of this repository; see README.md.  With aquac on the path, M-x eglot gives
;; errors while you type, and M-x compile with `aquac check --format short' a list of them.
;;
;; No word of the language is reserved, so a word is a keyword only where its line makes it one.

;;; Code:

(require 'rx)
(require 'treesit nil t)

(defgroup aqua nil
  "Editing Aqua programs."
  :group 'languages)

(defcustom aqua-indent-offset 2
  "How many columns a block is deeper than its head."
  :type 'natnum
  :safe #'natnump)

(defvar aqua-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?- ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "w" table)
    ;; A backslash in a string is an ordinary character.
    (modify-syntax-entry ?\\ "." table)
    (dolist (sign '(?+ ?* ?/ ?% ?< ?> ?= ?! ?& ?|))
      (modify-syntax-entry sign "." table))
    table)
  "Syntax table of `aqua-mode'.")

(defconst aqua--scalars
  '("u8" "u16" "u32" "u64" "i8" "i16" "i32" "i64" "f32" "f64" "bool" "string")
  "The scalar types.")

(defconst aqua--not-bound "\\(?:[^=<,: \t\n]\\|==\\|<[^-<]\\)"
  "What may follow a statement's first word if it is not a name that the line binds.")

(defconst aqua--beside "^[ \t]*\\(?:\\(?:par\\|co\\)[ \t]+\\)?"
  "The start of a line, and what lets the rest run beside the line before.")

(defconst aqua--opens ":[ \t]*\\(?:--.*\\)?$"
  "The end of a line that opens a block.")

(defvar aqua--font-lock-keywords
  `(;; Header.
    ("^[ \t]*\\(aqua\\|module\\)[ \t]+\\([A-Za-z][A-Za-z0-9_.]*\\)\\(?:[ \t]+\\(declares\\)\\>\\)?"
     (1 font-lock-keyword-face) (2 font-lock-constant-face) (3 font-lock-keyword-face nil t))
    ("^\\(import\\|use\\|export\\)[ \t]"
     (1 font-lock-keyword-face)
     ("[ \t]\\(from\\)[ \t]+\"" (line-beginning-position) nil (1 font-lock-keyword-face))
     ("[ \t]\\(as\\)[ \t]+[A-Za-z]" (line-beginning-position) nil (1 font-lock-keyword-face)))
    ;; Declarations.
    ("^\\(func\\)\\>\\(?:[ \t]+\\([a-z][A-Za-z0-9_]*\\)\\)?"
     (1 font-lock-keyword-face) (2 font-lock-function-name-face nil t))
    ("^\\(service\\|ability\\|data\\|alias\\)\\>\\(?:[ \t]+\\([A-Z][A-Za-z0-9_]*\\)\\)?"
     (1 font-lock-keyword-face) (2 font-lock-type-face nil t))
    ("^\\(const\\)\\>\\(?:[ \t]+\\([A-Z][A-Z0-9_]*\\)\\)?"
     (1 font-lock-keyword-face) (2 font-lock-constant-face nil t))
    ;; Statements.
    (,(concat "^[ \t]*\\(if\\)[ \t]+" aqua--not-bound) (1 font-lock-keyword-face))
    (,(concat "^[ \t]*\\(else\\|otherwise\\|try\\)[ \t]*" aqua--opens) (1 font-lock-keyword-face))
    (,(concat "^[ \t]*\\(catch\\)[ \t]+\\([a-z][A-Za-z0-9_]*\\)[ \t]*" aqua--opens)
     (1 font-lock-keyword-face) (2 font-lock-variable-name-face))
    ("^[ \t]*\\(par\\|co\\)[ \t]+[A-Za-z]" (1 font-lock-keyword-face))
    (,(concat aqua--beside "\\(for\\|parseq\\)[ \t]+\\([a-z][A-Za-z0-9_]*\\)[^<\n]*<-")
     (1 font-lock-keyword-face) (2 font-lock-variable-name-face)
     (,(concat "[ \t]\\(par\\|try\\|rec\\)[ \t]*" aqua--opens) nil nil (1 font-lock-keyword-face)))
    ("^[ \t]*parseq[ \t].*<-[ \t]*[^ \t\n].*[ \t]\\(on\\)[ \t]+" (1 font-lock-preprocessor-face))
    (,(concat aqua--beside "\\(join\\)[ \t]+" aqua--not-bound) (1 font-lock-keyword-face))
    (,(concat aqua--beside "\\(on\\)[ \t]+" aqua--not-bound) (1 font-lock-preprocessor-face))
    (,(concat aqua--beside "\\(?:on\\|parseq\\)[ \t]+" aqua--not-bound)
     ("[ \t]\\(via\\)[ \t]+" nil nil (1 font-lock-preprocessor-face)))
    ("^[ \t]+[a-z][A-Za-z0-9_]*[ \t]*=[ \t]*\\(func\\)[ \t]*[({]" (1 font-lock-keyword-face))
    (,(concat aqua--beside "\\([A-Za-z][A-Za-z0-9_]*\\)[ \t]*\\(?:=[^=]\\|<<?-\\)")
     (1 font-lock-variable-name-face))
    ;; Names.
    (,(regexp-opt '("HOST_PEER_ID" "INIT_PEER_ID" "PARTICLE_TTL" "PARTICLE_TIMESTAMP" "LAST_ERROR")
                  'words)
     . font-lock-builtin-face)
    ("%[a-z_]+%" . font-lock-builtin-face)
    (,(regexp-opt '("true" "false" "nil") 'words) . font-lock-constant-face)
    (,(concat "[]:>*?%, \t(]\\(" (regexp-opt aqua--scalars) "\\)\\>[^:(A-Za-z0-9_]")
     (1 font-lock-type-face))
    (,(concat "[]:>*?%, \t(]\\(" (regexp-opt aqua--scalars) "\\)$") (1 font-lock-type-face))
    ("\\.\\([a-z][A-Za-z0-9_]*\\)[ \t]*[({]" (1 font-lock-function-call-face))
    ("\\.\\([a-z][A-Za-z0-9_]*\\)" (1 font-lock-property-use-face))
    ("\\<\\([a-z][A-Za-z0-9_]*\\)\\(?:{\\|[ \t]*(\\)" (1 font-lock-function-call-face))
    ("\\<\\([A-Z][A-Z0-9_]*\\)\\>[^.(]" (1 font-lock-constant-face))
    ("\\<\\([A-Z][A-Za-z0-9_]*\\)\\>" (1 font-lock-type-face))
    ("\\<[0-9]+\\(?:\\.[0-9]+\\)?\\>" . font-lock-number-face))
  "Font lock keywords of `aqua-mode'.")

(defun aqua--code-line ()
  "The current line without its comment and trailing blanks."
  (save-excursion
    (let* ((end (line-end-position))
           (from (line-beginning-position))
           (text (buffer-substring-no-properties from end)))
      (goto-char from)
      (let ((state (parse-partial-sexp (save-excursion (beginning-of-defun) (point)) end)))
        (when (and (nth 4 state) (>= (nth 8 state) from))
          (setq text (substring text 0 (- (nth 8 state) from)))))
      (string-trim-right text))))

(defun aqua--back-to-code ()
  "Move to the nearest line above with code.  Nil if there is none."
  (let (found)
    (while (and (not found) (zerop (forward-line -1)))
      (setq found (not (looking-at-p "[ \t]*\\(?:--\\|$\\)"))))
    found))

(defun aqua--branch-indent (limit)
  "The indentation of the head above that an `else' or `catch' belongs to.
It is less than LIMIT."
  (save-excursion
    (let (found)
      (while (and (not found) (aqua--back-to-code))
        (when (< (current-indentation) limit)
          (setq limit (current-indentation))
          (when (looking-at-p "[ \t]*\\(?:if\\|try\\|catch\\)\\>")
            (setq found limit))))
      found)))

(defun aqua-indent-line ()
  "Indent the current line.
A line behind a head is one step deeper, others stand where the line above stands; pressing the key
again steps outwards."
  (interactive)
  (let* ((branch (save-excursion
                   (back-to-indentation)
                   (looking-at-p "\\(?:else\\|otherwise\\|catch[ \t]+[a-z][A-Za-z0-9_]*\\)[ \t]*:")))
         (above (save-excursion
                  (beginning-of-line)
                  (if (aqua--back-to-code)
                      (cons (current-indentation) (string-suffix-p ":" (aqua--code-line)))
                    (cons 0 nil))))
         (fresh (if (cdr above) (+ (car above) aqua-indent-offset) (car above)))
         (wanted (cond ((and branch (not (cdr above)))
                        (or (save-excursion
                              (beginning-of-line)
                              (aqua--branch-indent (car above)))
                            (car above)))
                       ((and (eq last-command this-command) (> (current-indentation) 0))
                        (max 0 (- (current-indentation) aqua-indent-offset)))
                       (t fresh))))
    (if (<= (current-column) (current-indentation))
        (indent-line-to wanted)
      (save-excursion (indent-line-to wanted)))))

(defconst aqua--imenu
  '(("Function" "^func[ \t]+\\([a-z][A-Za-z0-9_]*\\)" 1)
    ("Service" "^service[ \t]+\\([A-Z][A-Za-z0-9_]*\\)" 1)
    ("Ability" "^ability[ \t]+\\([A-Z][A-Za-z0-9_]*\\)" 1)
    ("Type" "^\\(?:data\\|alias\\)[ \t]+\\([A-Z][A-Za-z0-9_]*\\)" 1))
  "What `imenu' lists.")

(defun aqua--common-settings ()
  "What both modes set."
  (setq-local comment-start "-- "
              comment-start-skip "--+[ \t]*"
              comment-end ""
              indent-tabs-mode nil
              indent-line-function #'aqua-indent-line
              imenu-generic-expression aqua--imenu
              beginning-of-defun-function nil
              outline-regexp "^\\(?:func\\|service\\|ability\\|data\\|alias\\|const\\)\\>"))

;;;###autoload
(define-derived-mode aqua-mode prog-mode "Aqua"
  "Major mode for Aqua programs."
  :syntax-table aqua-mode-syntax-table
  (aqua--common-settings)
  (setq-local font-lock-defaults '(aqua--font-lock-keywords)
              defun-prompt-regexp "^func[ \t]+"
              open-paren-in-column-0-is-defun-start nil))

(defvar aqua--treesit-font-lock
  '(:language aqua :feature comment
    ((comment) @font-lock-comment-face)
    :language aqua :feature string
    ((string) @font-lock-string-face)
    :language aqua :feature keyword
    (["func" "service" "data" "ability" "alias" "const" "aqua" "module" "declares" "import" "use"
      "export" "from" "as" "if" "else" "otherwise" "for" "par" "co" "join" "parseq" "rec" "try"
      "catch"]
     @font-lock-keyword-face
     ["on" "via"] @font-lock-preprocessor-face)
    :language aqua :feature definition
    ((function_declaration name: (identifier) @font-lock-function-name-face)
     (closure name: (identifier) @font-lock-function-name-face)
     (method name: (identifier) @font-lock-function-name-face)
     (data_declaration name: (upper_identifier) @font-lock-type-face)
     (alias_declaration name: (upper_identifier) @font-lock-type-face)
     (service_declaration name: (upper_identifier) @font-lock-type-face)
     (ability_declaration name: (upper_identifier) @font-lock-type-face)
     (const_declaration name: (upper_identifier) @font-lock-constant-face)
     (parameter name: (identifier) @font-lock-variable-name-face)
     (field name: (identifier) @font-lock-property-name-face)
     (assignment name: (_) @font-lock-variable-name-face)
     (binding name: (_) @font-lock-variable-name-face)
     (stream_declaration name: (_) @font-lock-variable-name-face)
     (for_statement item: (_) @font-lock-variable-name-face)
     (parseq_statement item: (_) @font-lock-variable-name-face)
     (catch_clause name: (_) @font-lock-variable-name-face))
    :language aqua :feature type
    ((primitive_type) @font-lock-type-face
     (extreme_type) @font-lock-type-face
     (named_type) @font-lock-type-face
     (ability_type) @font-lock-type-face
     (service_path) @font-lock-type-face
     (construction type: (upper_identifier) @font-lock-type-face))
    :language aqua :feature constant
    ((number) @font-lock-number-face
     (boolean) @font-lock-constant-face
     (special_constant) @font-lock-builtin-face
     ((variable (upper_identifier) @font-lock-builtin-face)
      (:match "\\`\\(?:HOST_PEER_ID\\|INIT_PEER_ID\\|PARTICLE_TTL\\|PARTICLE_TIMESTAMP\\|LAST_ERROR\\)\\'"
              @font-lock-builtin-face))
     ((variable (upper_identifier) @font-lock-constant-face)
      (:match "\\`[A-Z][A-Z0-9_]*\\'" @font-lock-constant-face))
     ((variable (identifier) @font-lock-constant-face)
      (:match "\\`nil\\'" @font-lock-constant-face)))
    :language aqua :feature function
    ((call function: (identifier) @font-lock-function-call-face)
     (method_call method: (identifier) @font-lock-function-call-face))
    :language aqua :feature property
    ((field_access field: (_) @font-lock-property-use-face)
     (named_argument name: (_) @font-lock-property-name-face))
    :language aqua :feature operator
    ((binary_expression operator: _ @font-lock-operator-face)
     (not_expression "!" @font-lock-operator-face)
     (bang_access "!" @font-lock-operator-face)
     ["<-" "<<-" "->" "=" "?="] @font-lock-operator-face))
  "Font lock rules of `aqua-ts-mode'.")

;;;###autoload
(define-derived-mode aqua-ts-mode prog-mode "Aqua"
  "Major mode for Aqua programs that uses the tree-sitter grammar."
  :syntax-table aqua-mode-syntax-table
  (aqua--common-settings)
  (when (treesit-ready-p 'aqua)
    (treesit-parser-create 'aqua)
    (setq-local treesit-font-lock-settings
                (apply #'treesit-font-lock-rules aqua--treesit-font-lock)
                treesit-font-lock-feature-list
                '((comment definition) (keyword string) (type constant function)
                  (operator property))
                treesit-defun-type-regexp
                (rx (or "function" "service" "ability" "data") "_declaration"))
    (treesit-major-mode-setup)
    ;; Indentation is by lines: a tree of an unfinished block ends too early.
    (setq-local indent-line-function #'aqua-indent-line)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.aqua\\'" . aqua-mode))

(with-eval-after-load 'eglot
  (defvar eglot-server-programs)
  (add-to-list 'eglot-server-programs '((aqua-mode aqua-ts-mode) . ("aquac" "lsp"))))

(with-eval-after-load 'compile
  (defvar compilation-error-regexp-alist)
  (defvar compilation-error-regexp-alist-alist)
  (add-to-list 'compilation-error-regexp-alist-alist
               '(aquac "^\\(.+?\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\)\\[AQ[0-9]+\\]: "
                       1 2 3 (4)))
  (add-to-list 'compilation-error-regexp-alist 'aquac))

(provide 'aqua-mode)
;;; aqua-mode.el ends here
