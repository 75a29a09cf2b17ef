// Lines and blocks: the three tokens of the grammar that depend on indentation.
//
// All three are empty: they say that a line ends, that a block opens, that a block closes, and
// leave every character to the lexer. The state is the stack of the open blocks' widths, counted
// in characters: a tab is as wide as a space, since lines of one block start with equal blanks.
//
// Blank lines and comments neither open nor close a block. A comment that is as deep as the open
// block still belongs to it, so the block waits for the comment before it closes.

#include "tree_sitter/alloc.h"
#include "tree_sitter/array.h"
#include "tree_sitter/parser.h"

enum TokenType {
  NEWLINE,
  INDENT,
  DEDENT,
  RECOVERY,
};

typedef struct {
  Array(uint16_t) widths;
} Scanner;

static inline void skip(TSLexer *lexer) { lexer->advance(lexer, true); }

static uint16_t innermost(const Scanner *scanner) {
  return scanner->widths.size == 0 ? 0 : *array_back(&scanner->widths);
}

// What stands before the next character that is code.
typedef struct {
  bool line_ended;
  // The width of the line with that character.
  uint16_t width;
  // The width of the first comment on the way, or -1.
  int32_t comment;
  // A comment on the line where we started: it is the lexer's turn.
  bool comment_first;
} Gap;

static Gap measure(TSLexer *lexer) {
  Gap gap = {.line_ended = false, .width = 0, .comment = -1, .comment_first = false};
  for (;;) {
    if (lexer->eof(lexer)) {
      gap.line_ended = true;
      gap.width = 0;
      return gap;
    }
    switch (lexer->lookahead) {
    case '\n':
      gap.line_ended = true;
      gap.width = 0;
      skip(lexer);
      break;
    case '\r':
      gap.width = 0;
      skip(lexer);
      break;
    case ' ':
    case '\t':
      if (gap.width < UINT16_MAX) gap.width++;
      skip(lexer);
      break;
    case '-':
      skip(lexer);
      if (lexer->lookahead != '-') return gap;
      if (!gap.line_ended) {
        gap.comment_first = true;
        return gap;
      }
      if (gap.comment < 0) gap.comment = gap.width;
      while (!lexer->eof(lexer) && lexer->lookahead != '\n') skip(lexer);
      break;
    default:
      return gap;
    }
  }
}

bool tree_sitter_aqua_external_scanner_scan(void *payload, TSLexer *lexer,
                                            const bool *valid_symbols) {
  Scanner *scanner = (Scanner *)payload;
  if (!valid_symbols[NEWLINE] && !valid_symbols[INDENT] && !valid_symbols[DEDENT]) return false;

  lexer->mark_end(lexer);
  Gap gap = measure(lexer);
  if (!gap.line_ended || gap.comment_first) return false;

  uint16_t open = innermost(scanner);
  // While the parser looks for its way after an error, every token is allowed: a block opened now
  // would be nobody's.
  if (valid_symbols[INDENT] && !valid_symbols[RECOVERY] && gap.width > open) {
    array_push(&scanner->widths, gap.width);
    lexer->result_symbol = INDENT;
    return true;
  }
  if (valid_symbols[DEDENT] && gap.width < open && gap.comment < (int32_t)open) {
    (void)array_pop(&scanner->widths);
    lexer->result_symbol = DEDENT;
    return true;
  }
  if (valid_symbols[NEWLINE]) {
    lexer->result_symbol = NEWLINE;
    return true;
  }
  return false;
}

unsigned tree_sitter_aqua_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = (Scanner *)payload;
  unsigned size = 0;
  for (uint32_t i = 0; i < scanner->widths.size; i++) {
    if (size + 2 > TREE_SITTER_SERIALIZATION_BUFFER_SIZE) break;
    uint16_t width = *array_get(&scanner->widths, i);
    buffer[size++] = (char)(width & 0xFF);
    buffer[size++] = (char)(width >> 8);
  }
  return size;
}

void tree_sitter_aqua_external_scanner_deserialize(void *payload, const char *buffer,
                                                   unsigned length) {
  Scanner *scanner = (Scanner *)payload;
  array_clear(&scanner->widths);
  for (unsigned i = 0; i + 1 < length; i += 2) {
    uint16_t width = (uint16_t)((uint8_t)buffer[i] | ((uint8_t)buffer[i + 1] << 8));
    array_push(&scanner->widths, width);
  }
}

void *tree_sitter_aqua_external_scanner_create(void) {
  Scanner *scanner = ts_calloc(1, sizeof(Scanner));
  array_init(&scanner->widths);
  return scanner;
}

void tree_sitter_aqua_external_scanner_destroy(void *payload) {
  Scanner *scanner = (Scanner *)payload;
  array_delete(&scanner->widths);
  ts_free(scanner);
}
