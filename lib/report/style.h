/*
 * style - how the page looks: light, dark, phone, paper
 */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

/* The text of the page's one <style>. */
extern const char report_style[];

#endif
