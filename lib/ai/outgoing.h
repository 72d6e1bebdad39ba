/*
 * outgoing - what a model wrote, as a customer may get it
 *
 * Models write Markdown, and sometimes what nobody sees: marks of direction
 * that turn a text around, blanks without width, tags. A phone shows neither as
 * it is meant, and a check that reads other words than the customer is none.
 */
#ifndef AI_OUTGOING_H
#define AI_OUTGOING_H

/*
 * A copy without what nobody sees, its lines ended by LF. Kept is what means
 * something: a joiner in Persian, in scripts of India and in emoji; one selector
 * behind an emoji, a digit of a key or an ideograph; one mark of direction
 * (U+200E, U+200F, U+061C) between others in a text that has letters from right
 * to left. Overrides and isolates go in every text: a phone finds the direction
 * by itself. The caller frees.
 */
char *outgoing_seen(const char *text);

/*
 * The same with WhatsApp's own marks for those of Markdown: bold, italic and
 * struck text, headings as bold lines, links as "text (address)", rows of tables
 * as lines with the names of their columns; rules go. Code is left as it is. A
 * mark that WhatsApp would not show, within a word, goes as well. A text much
 * longer than any message keeps its marks. The caller frees.
 */
char *outgoing_text(const char *text);

#endif
