/*
 * ground/ground: what may be sent and what may not, measured by mutation
 *
 * tests/data/ground holds passages, and questions with an answer in the way a
 * model words it and false ones written by hand. More false ones are made here
 * by rules. Every third pair is held out: the checker was not tuned on it.
 * wordings.jsonl has true answers in words of their own, and false ones that
 * change little; fresh.jsonl the same of shops in fifteen languages, answered as
 * a friendly model does, by the customer's name; shops.jsonl of shops that hire
 * out and mend, with things whose names share words; asked.jsonl has false ones
 * that are true of another thing than was asked about; limits.jsonl a yes to an
 * age or a sum beyond a limit. Those of the half "held" were not looked at while
 * it was made.
 * GROUND_SHOW=1 names what went wrong in the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ground/ground.h"
#include "ground/link.h"
#include "base/json.h"
#include "base/str.h"

#define FOLDER "tests/data/ground/"
#define SOURCES_MAX 8
#define LANGUAGES_MAX 24
#define MUTANTS_MAX 64
#define HELD_BLOCKED_MAX 18 /* of a hundred wordings held out */
#define HELD_CAUGHT_MIN 82
#define FRESH_BLOCKED_MAX 20 /* the same of fresh.jsonl */
#define FRESH_CAUGHT_MIN 74
#define SHOPS_BLOCKED_MAX 18 /* and of shops.jsonl */
#define SHOPS_CAUGHT_MIN 90
/* And of limits.jsonl, where some yes has no word of a source. */
#define LIMITS_BLOCKED_MAX 25
#define LIMITS_CAUGHT_MIN 70
#define LIMITS_HELD_CAUGHT_MIN 72
#define ASKED_BLOCKED_MAX 8 /* and of asked.jsonl */
#define ASKED_CAUGHT_MIN 65

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static json_t *passages; /* by id */
static struct grounder *grounder;

/* --- one check --- */

static bool
is_sent(const struct ground_input *in, const char *answer,
    enum ground_reason *ret_reason, char **ret_why)
{
	struct ground_verdict v;
	bool sent;
	size_t i;

	assert_int_equal(ground_check(grounder, in, answer, &v), 0);
	sent = v.is_supported;
	*ret_reason = GROUND_SUPPORTED;
	for (i = 0; i < v.nclaims && *ret_reason == GROUND_SUPPORTED; i++)
		*ret_reason = v.claim[i].reason;
	if (ret_why != NULL)
		*ret_why = xstrdup(v.why);
	assert_true(sent == (*ret_reason == GROUND_SUPPORTED));
	ground_release(&v);
	return sent;
}

/* What the answer is refused for, with one passage. */
static enum ground_reason
reason_for(const char *passage, const char *answer)
{
	struct ground_source source = { "Help", NULL, passage };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;

	is_sent(&in, answer, &reason, NULL);
	return reason;
}

/* --- numbers, dates, links in all their forms --- */

static const struct {
	const char *passage, *same, *other;
} forms[] = {
	/* prices */
	{ "The lamp costs € 9.90.", "The lamp costs 9,90 EUR.",
	    "The lamp costs 9,80 EUR." },
	{ "The lamp costs €1,299.", "The lamp costs 1.299,00 euros.",
	    "The lamp costs 1.290,00 euros." },
	{ "The lamp costs 1 299,50 €.", "The lamp costs €1,299.50.",
	    "The lamp costs €1,299.05." },
	{ "The lamp costs ₹1,00,000.", "The lamp costs 100000 rupees.",
	    "The lamp costs 10000 rupees." },
	{ "The lamp costs CHF 1'250.", "The lamp costs 1250 CHF.",
	    "The lamp costs 1350 CHF." },
	{ "The lamp costs $40.", "The lamp costs 40 dollars.",
	    "The lamp costs 40 euros." },
	{ "Die Lampe kostet zwölf Euro.", "Die Lampe kostet 12 €.",
	    "Die Lampe kostet 13 €." },
	/* units and number words */
	{ "Delivery takes eight days.", "Delivery takes 8 days.",
	    "Delivery takes 8 weeks." },
	{ "Delivery takes 14 days.", "Delivery takes two weeks.",
	    "Delivery takes three weeks." },
	{ "Delivery takes 24 hours.", "Delivery takes twenty-four hours.",
	    "Delivery takes twenty-five hours." },
	{ "The parcel weighs 2 kg.", "The parcel weighs 2000 g.",
	    "The parcel weighs 2000 kg." },
	{ "Delivery takes 3-5 days.", "Delivery takes between 3 and 5 days.",
	    "Delivery takes between 3 and 6 days." },
	{ "La livraison prend deux jours.", "La livraison prend 2 jours.",
	    "La livraison prend 2 mois." },
	{ "There is a discount of 10 %.", "There is a 10 percent discount.",
	    "There is a discount of 10 €." },
	{ "The cable is 150 cm long.", "The cable is 1.5 m long.",
	    "The cable is 1.5 km long." },
	{ "Delivery takes 14 days.", "Delivery takes a fortnight.",
	    "Delivery takes two fortnights." },
	{ "A parcel to Norway takes 8 to 10 days.",
	    "A parcel to Norway takes eight to ten days.",
	    "A parcel to Norway takes a fortnight." },
	{ "A lesson takes 90 minutes.", "A lesson takes an hour and a half.",
	    "A lesson takes half an hour." },
	{ "A lesson takes 90 minutes.", "A lesson takes 1 hour and 30 minutes.",
	    "A lesson takes 1 hour and 20 minutes." },
	{ "The guarantee is for a year.", "The guarantee is for 12 months.",
	    "The guarantee is for 24 months." },
	{ "Change it up to 14 days before.",
	    "Change it up to two weeks before.",
	    "Change it up to a week before." },
	{ "Power costs 0.45 euros.", "Power costs 45 cents.",
	    "Power costs 54 cents." },
	{ "Behind the shop are 12 places.",
	    "Behind the shop are a dozen places.",
	    "Behind the shop are two dozen places." },
	/* the number of a name is not the amount of the money behind it */
	{ "The Hollow 3 is a lamp. It costs 289 euros.",
	    "The Hollow 3 costs €289.", "The Hollow 3 costs €298." },
	{ "The Hollow 3 is a lamp. It costs 289 euros.",
	    "The Hollow 3 costs EUR 289 here.",
	    "The Hollow 3 costs EUR 3 here." },
	/* digits of other shapes, and number words in full */
	{ "The lamp costs 289 euros.", "The lamp costs 𝟐𝟖𝟗 euros.",
	    "The lamp costs 𝟐𝟗𝟗 euros." },
	{ "The lamp costs 289 euros.", "The lamp costs ②⑧⑨ euros.",
	    "The lamp costs ②⑨⑨ euros." },
	{ "The lamp costs 289 euros.", "The lamp costs ²⁸⁹ euros.",
	    "The lamp costs ²⁹⁹ euros." },
	{ "The lamp costs 289 euros.",
	    "The lamp costs two hundred and eighty-nine euros.",
	    "The lamp costs two hundred and ninety-eight euros." },
	{ "The hall has 2500 seats.",
	    "The hall has two thousand five hundred seats.",
	    "The hall has two thousand six hundred seats." },
	{ "Rooms cost between 200 and 300 euros.",
	    "Rooms cost between two hundred and three hundred euros.",
	    "Rooms cost between two hundred and four hundred euros." },
	{ "Die Lampe kostet 289 Euro.",
	    "Die Lampe kostet zweihundertneunundachtzig Euro.",
	    "Die Lampe kostet zweihundertneunundneunzig Euro." },
	{ "Der Saal hat 2024 Plätze.",
	    "Der Saal hat zweitausendvierundzwanzig Plätze.",
	    "Der Saal hat zweitausendfünfundzwanzig Plätze." },
	{ "La lámpara cuesta 289 euros.",
	    "La lámpara cuesta doscientos ochenta y nueve euros.",
	    "La lámpara cuesta doscientos noventa y nueve euros." },
	{ "La lampe coûte 299 euros.",
	    "La lampe coûte deux cent quatre-vingt-dix-neuf euros.",
	    "La lampe coûte deux cent quatre-vingt-dix-huit euros." },
	{ "La lampe coûte 71 euros.", "La lampe coûte soixante et onze euros.",
	    "La lampe coûte soixante-douze euros." },
	{ "A lâmpada custa 1299 euros.",
	    "A lâmpada custa mil duzentos e noventa e nove euros.",
	    "A lâmpada custa mil duzentos e oitenta e nove euros." },
	/* marks of a list and of a step */
	{ "Put the lamp in its box and bring it to us.",
	    "Step 1: put the lamp in its box. Step 2: bring it to us.",
	    "Put 2 lamps in the box and bring it to us within 2 days." },
	{ "Put the lamp in its box and bring it to us.",
	    "(1) Put the lamp in its box, (2) bring it to us.",
	    "Put the lamp in its box and bring it to us (3)." },
	{ "Put the lamp in its box and bring it to us.",
	    "① Put the lamp in its box ② bring it to us.",
	    "Put ⑤ lamps in the box and bring it to us." },
	{ "Put the lamp in its box and bring it to us.",
	    "| Step | What |\n| 1 | Put the lamp in its box |\n| 2 | Bring it "
	    "to us |",
	    "| Lamps | What |\n| 7 | Put the lamp in its box |" },
	/* times */
	{ "The shop closes at 18:30.", "The shop closes at half past six.",
	    "The shop closes at half past seven." },
	{ "Der Laden schließt um 18:30 Uhr.",
	    "Der Laden schließt um halb sieben.",
	    "Der Laden schließt um halb sechs." },
	{ "La tienda cierra a las 18:30.",
	    "La tienda cierra a las seis y media.",
	    "La tienda cierra a las siete y media." },
	{ "Le magasin ferme à 18h30.",
	    "Le magasin ferme à six heures et demie.",
	    "Le magasin ferme à cinq heures et demie." },
	{ "A loja fecha às 18:30.", "A loja fecha às seis e meia.",
	    "A loja fecha às sete e meia." },
	{ "The shop is closed on Sundays.", "Sun: closed", "Mon: closed" },
	{ "La tienda abre de lunes a viernes de 10:00 a 18:00.",
	    "La tienda abre lun-vie 10:00-18:00.",
	    "La tienda abre lun-sáb 10:00-18:00." },
	{ "The shop opens at 12:00.", "The shop opens at noon.",
	    "The shop opens at midnight." },
	{ "The shop opens at 9:30 am.", "The shop opens at 9.30 a.m.",
	    "The shop opens at 9.30 p.m." },
	{ "The shop closes at 18:00.", "The shop closes at 6 pm.",
	    "The shop closes at 7 pm." },
	{ "Der Laden schließt um 18 Uhr.", "Der Laden schließt um 18:00 Uhr.",
	    "Der Laden schließt um 19:00 Uhr." },
	{ "Le magasin ferme à 19h30.", "Le magasin ferme à 19:30.",
	    "Le magasin ferme à 19h." },
	/* dates */
	{ "The shop is closed on 24 December.",
	    "The shop is closed on Dec 24th.",
	    "The shop is closed on Dec 26th." },
	{ "Der Laden ist am 24.12. zu.", "Der Laden ist am 24. Dezember zu.",
	    "Der Laden ist am 27. Dezember zu." },
	{ "La tienda cierra el 24 de diciembre.", "La tienda cierra el 24/12.",
	    "La tienda cierra el 24/11." },
	{ "The offer ends on 2027-03-31.", "The offer ends on March 31, 2027.",
	    "The offer ends on March 31, 2028." },
	{ "Open Monday to Friday.", "It is open on Wednesday.",
	    "It is open on Saturday." },
	/* telephone numbers and other scripts' digits */
	{ "Telephone: +49 421 555 01 77", "Call us on 0421 5550177.",
	    "Call us on 0421 5550178." },
	{ "Telephone: (030) 555-0134", "Telephone 030 5550134",
	    "Telephone 030 5550143" },
	{ "رقم الهاتف ٠٦ ٥٥٥ ٠١٣٣", "رقم الهاتف 06 555 0133",
	    "رقم الهاتف 06 555 0134" },
	{ "शुल्क ₹४५० है।", "शुल्क ₹450 है।", "शुल्क ₹460 है।" },
	/* groups of three are a telephone number as well as a number */
	{ "Our phone number is 912 345 678.", "Call us on 912345678.",
	    "Call us on 912 345 679." },
	{ "Our phone number is 912 345 678.", "Call us on 912 34 56 78.",
	    "Call us on 912345000." },
	{ "Las citas se piden por teléfono al +34 915 550 142.",
	    "Pida su cita por teléfono al 915 550 142.",
	    "Pida su cita por teléfono al 915 550 124." },
	{ "Zadzwoń pod numer 600 700 800.", "Zadzwoń pod 600-700-800.",
	    "Zadzwoń pod 600-700-801." },
	{ "Harganya Rp 12.000.000.", "Harganya 12000000 rupiah.",
	    "Harganya 12.000.001 rupiah." },
	{ "The hall has 1,234,567 seats.", "The hall has 1 234 567 seats.",
	    "The hall has 1,234,568 seats." },
	{ "Pay to account 1234 5678 9012 3456 7890 12.",
	    "Pay to account 1234567890123456789012.",
	    "Pay to account 1234567890123456789021." },
	{ "Pay to account 123 456 789 012 345 678.",
	    "Pay to account 123456789012345678.",
	    "Pay to account 123 456 789 012 345 679." },
	/* what a letter tells apart */
	{ "Room A costs 80 euros a night, room B 120 euros.",
	    "Room A is 80 euros a night.", "Room A is 120 euros a night." },
	{ "Room A costs 80 euros. Room B costs 120 euros.",
	    "Room B costs 120 euros.", "Room B costs 80 euros." },
	{ "Size S fits 160 cm. Size L fits 185 cm.", "Size S fits 160 cm.",
	    "Size S fits 185 cm." },
	{ "Rooms A and B cost 80 euros each, C costs 120 euros.",
	    "Room A costs 80 euros.", "Room B costs 120 euros." },
	{ "Room A costs 80 euros with a deposit of 50 euros. "
	  "Breakfast is 12 euros.",
	    "Room A has a deposit of 50 euros, and breakfast is 12 euros.",
	    "Room B has a deposit of 50 euros." },
	{ "The X5 holds 200 litres. The X7 holds 300 litres.",
	    "The X7 holds 300 litres.", "The X5 holds 300 litres." },
	{ "Plan B costs 9 euros a month for 3 users.",
	    "With plan B it is 9 euros.", "With plan C it is 9 euros." },
	/* links */
	{ "See https://www.shop.example/help/.", "See shop.example/help",
	    "See shop.example/helps" },
	{ "See https://shop.example/a?id=5",
	    "See https://shop.example/a?id=5&utm_source=chat",
	    "See https://shop.example/a?id=6" },
	{ "See https://shop.example/help", "See shop.example for more.",
	    "See help.shop.example for more." },
	{ "See https://shop.example/help",
	    "See [the page](https://shop.example/help).",
	    "See [https://shop.example/help](https://shop.example.evil.com)." },
	{ "See https://shop.example/help", "See HTTP://SHOP.example/help",
	    "See https://shop.example@evil.example/help" },
	{ "See https://shop.example/help", "See https://shop.example/help.",
	    "See https://sh\u043ep.example/help" },
	{ "See https://shop.example/help", "See https://shop.example/help",
	    "See https://sh\u200bop.example/help" },
	{ "See https://shop.example/help", "See https://shop.example/help",
	    "See shop dot evil dot com" },
	{ "See https://shop.example/help and/or call, 24/7.",
	    "See https://shop.example/help and/or call, 24/7.",
	    "See https://shop.example/help. t.me/evil" },
	{ "Open till 9 p.m. (size M, e.g. for adults).",
	    "Open till 9 p.m. (size M, e.g. for adults).",
	    "Open till 9 p.m. Ask t.me" },
	{ "Rooms are for adults, i.e. from 16.",
	    "Rooms are for adults, i.e. from 16.",
	    "Rooms are for adults. bit.do/a" },
	{ "Rooms are for adults.", "Rooms are for adults.",
	    "Rooms are for adults: u.to/x?" },
	{ "See https://shop.example/help", "See https://shop.example/help",
	    "See https://xn--shp-ewa.example/help" },
	{ "See https://shop.example/help", "See https://shop.example/help",
	    "See evil [.] com" },
	{ "See https://shop.example/help", "See https://shop.example/help",
	    "See shop .evil .com" },
	{ "Write to help@shop.example", "Write to HELP@shop.example.",
	    "Write to help@shop.example.com." },
	/* codes and names */
	{ "The XR-200 fits all bags.", "The XR200 fits all bags.",
	    "The XR-300 fits all bags." },
	{ "Ask Maria Garcia about it.", "Ask Maria about it.",
	    "Ask Maria Lopez about it." },
	{ "We deliver to the European Union.", "We deliver to the EU.",
	    "We deliver to the WTO." },
	{ "Members of the RTA pay less.",
	    "Members of the Royal Tent Association pay less.",
	    "Members of the Great Tent Association pay less." },
};

static void
forms_of_claims(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (reason_for(forms[i].passage, forms[i].same) !=
		    GROUND_SUPPORTED)
			fail_msg("\"%s\" was not found in \"%s\"",
			    forms[i].same, forms[i].passage);
		if (reason_for(forms[i].passage, forms[i].other) ==
		    GROUND_SUPPORTED)
			fail_msg("\"%s\" was found in \"%s\"", forms[i].other,
			    forms[i].passage);
	}
}

static void
reasons(void **state)
{
	static const char text[] =
	    "Standard shipping costs 4.90 euros. Express shipping costs 9.90 "
	    "euros. Orders cannot be cancelled after dispatch. The minimum age "
	    "is 16 years.";

	(void)state;
	assert_int_equal(reason_for(text, "Express costs 5.90 euros."),
	    GROUND_NUMBER);
	assert_int_equal(reason_for(text, "Express costs 9.90 dollars."),
	    GROUND_UNIT);
	assert_int_equal(reason_for(text, "Express costs 4.90 euros."),
	    GROUND_SWAPPED);
	assert_int_equal(reason_for(text,
			     "Orders can be cancelled after dispatch."),
	    GROUND_NEGATION);
	assert_int_equal(reason_for(text,
			     "Orders cannot be cancelled before dispatch."),
	    GROUND_OPPOSITE);
	assert_int_equal(reason_for(text, "I have cancelled your order."),
	    GROUND_DEED);
	assert_int_equal(reason_for(text,
			     "Express shipping is guaranteed to be on time."),
	    GROUND_PROMISE);
	assert_int_equal(reason_for(text, "Standard shipping is by Fastway."),
	    GROUND_NAME);
	assert_int_equal(reason_for(text,
			     "Two express parcels are 18.90 "
			     "euros."),
	    GROUND_NUMBER);
	assert_int_equal(reason_for(text,
			     "Giraffes sleep standing beneath acacia trees."),
	    GROUND_UNRELATED);
	assert_int_equal(reason_for(text,
			     "Hello! Thank you for your message. "
			     "Shall I bring in a colleague?"),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text,
			     "A colleague will call you in 10 minutes."),
	    GROUND_NUMBER);
	assert_int_equal(reason_for(text, "Somebody will call you right away."),
	    GROUND_PROMISE);
}

/* What is added, widened, denied, or left out of a condition. */
static const struct {
	const char *same, *other;
	enum ground_reason reason;
} senses[] = {
	{ "You won't be charged for delivery above 60 euros.",
	    "Delivery is free.", GROUND_CONDITION },
	{ "From 60 euros on there is no charge for delivery.",
	    "Delivery to Norway is free.", GROUND_NEGATION },
	{ "We ask for a deposit of 100 euros.", "No deposit is needed.",
	    GROUND_NEGATION },
	{ "Tents can be rented, with a deposit of 100 euros.",
	    "Tents can be rented with full insurance.", GROUND_ADDED },
	{ "You can rent a tent.", "We sell bikes.", GROUND_ADDED },
	{ "It comes in green and orange.", "It comes in green and red.",
	    GROUND_ADDED },
	{ "The label is free within Germany.",
	    "The label is free from all countries.", GROUND_WIDER },
	{ "You can return it no later than two weeks after it has come.",
	    "You can always return it.", GROUND_WIDER },
	{ "Refunds are paid within two weeks.",
	    "Refunds are paid within two weeks, and a voucher on top.",
	    GROUND_ADDED },
	{ "Damage by pets isn't covered.", "We guarantee the best price.",
	    GROUND_PROMISE },
	/* what is plain, and may not be added all the same */
	{ "Refunds are paid within 14 days.",
	    "You will get your refund tomorrow morning.", GROUND_PROMISE },
	{ "A parcel to Norway costs 14.50 euros.",
	    "We send parcels to Norway every evening.", GROUND_ADDED },
	{ "The tent is sold in green.", "The tent is sold out.", GROUND_ADDED },
	{ "The tent is sold in green.", "The tent is our best-selling one.",
	    GROUND_ADDED },
	/* of others, of everybody, of nobody */
	{ "The label is free within Germany.",
	    "The label is free from other countries, too.", GROUND_NEGATION },
	{ "From 60 euros on, delivery within Germany is free.",
	    "A parcel to Norway costs 14.50 euros, or nothing from 60 euros "
	    "on.",
	    GROUND_NEGATION },
	{ "From 18 years on you can rent a kayak.",
	    "Everyone can rent a kayak.", GROUND_WIDER },
	{ "We are closed on public holidays.",
	    "We are open on public holidays from 10:00 to 16:00.",
	    GROUND_NEGATION },
	{ "Behind the hut is free parking.", "There is no parking.",
	    GROUND_NEGATION },
	{ "You find 12 parking places behind the hut.",
	    "You find 12 parking places in front of the hut.",
	    GROUND_OPPOSITE },
	/* more, less, other days, from when on */
	{ "The repair takes 8 to 10 working days.",
	    "The repair takes at least 10 working days.", GROUND_OPPOSITE },
	{ "The repair takes at least 8 working days.",
	    "The repair takes less than 8 working days.", GROUND_OPPOSITE },
	{ "The repair takes 8 to 10 business days.",
	    "The repair takes 8 to 10 days.", GROUND_UNIT },
};

static void
what_is_said(void **state)
{
	static const char text[] =
	    "Delivery within Germany costs 4.90 euros; from 60 euros on, "
	    "delivery within Germany is free. A parcel to Norway costs 14.50 "
	    "euros. We rent out tents. A deposit of 100 euros is paid in cash. "
	    "The tent is sold in green and orange. The return label is free "
	    "within Germany; from other countries you pay the postage "
	    "yourself. You can return it within 14 days of delivery. We refund "
	    "the price within 14 days. Damage by pets is not covered. You must "
	    "be at least 18 years old to rent a kayak. There are 12 parking "
	    "places behind the hut; parking is free. We are closed on Sundays "
	    "and public holidays, else open from 10:00 to 16:00. The repair "
	    "takes 8 to 10 working days.";
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(senses); i++) {
		if (reason_for(text, senses[i].same) != GROUND_SUPPORTED)
			fail_msg("\"%s\": %s", senses[i].same,
			    ground_reason_text(
				reason_for(text, senses[i].same)));
		if (reason_for(text, senses[i].other) != senses[i].reason)
			fail_msg("\"%s\": %s", senses[i].other,
			    ground_reason_text(
				reason_for(text, senses[i].other)));
	}
}

/* What stands in a passage word for word is passed, whatever else is there. */
static void
word_for_word(void **state)
{
	static const struct {
		const char *passage, *answer;
	} same[] = {
		{ "There is no lift. Lifts are planned. Room 5 has a lift.",
		    "There is no lift." },
		{ "Bis 5 Tage vor Anreise stornieren Sie kostenfrei. Danach "
		  "kostet es 50 Euro.",
		    "Bis 5 Tage vor Anreise stornieren Sie kostenfrei." },
		{ "La chambre 5 n'a ni baignoire ni balcon. Les autres "
		  "chambres ont un balcon.",
		    "La chambre 5 n'a ni baignoire ni balcon." },
		{ "Le cabinet est ouvert du mardi au vendredi de 9 h à 19 h et "
		  "le samedi de 9 h à 13 h. Il est fermé le lundi.",
		    "Le cabinet est ouvert du mardi au vendredi de 9 h à 19 h "
		    "et le samedi de 9 h à 13 h." },
		{ "I've cancelled your order, says nobody here.",
		    "I've cancelled your order, says nobody here." },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(same); i++)
		if (reason_for(same[i].passage, same[i].answer) !=
		    GROUND_SUPPORTED)
			fail_msg("\"%s\": %s", same[i].answer,
			    ground_reason_text(
				reason_for(same[i].passage, same[i].answer)));
}

/* --- acts told as done --- */

static const struct {
	const char *language, *passage;
	const char *rule[3]; /* what a passage tells of everybody */
	const char *told[6]; /* what nobody has done */
} deeds[] = {
	{ "en",
	    "Call us to block your card or to book a cot. We have moved to "
	    "Bath. Refunds are made within 10 days after we have received your "
	    "parcel. You get a code once your cot is booked. We are closed on "
	    "Mondays.",
	    { "Once we have received your parcel, refunds are made within 10 "
	      "days.",
		"Yes, we have moved to Bath.", "We're closed on Mondays." },
	    { "I've blocked your card.", "Your card has been blocked.",
		"Done! Your cot is booked.", "Your refund is on its way.",
		"We have received your parcel.", "I booked your cot." } },
	{ "de",
	    "Der Vertrag kann zum Monatsende gekündigt werden. Wir haben im "
	    "Mai den Laden renoviert. Geld wird binnen 10 Tagen erstattet, "
	    "nachdem wir das Paket erhalten haben.",
	    { "Wir haben den Laden im Mai renoviert.",
		"Nachdem wir das Paket erhalten haben, wird Geld binnen 10 "
		"Tagen erstattet.",
		"Sie können Ihren Vertrag zum Monatsende kündigen." },
	    { "Ich habe Ihren Vertrag gekündigt.",
		"Ihr Vertrag wurde gekündigt.", "Ihr Vertrag ist gekündigt.",
		"Die Kündigung ist erledigt.",
		"Ihr Paket ist bei uns eingegangen.",
		"Wir haben Ihr Paket erhalten." } },
	{ "es",
	    "Puede anular la cita hasta 24 horas antes. Devolvemos el dinero "
	    "en 10 días, una vez que hemos recibido el paquete.",
	    { "Una vez que hemos recibido el paquete, devolvemos el dinero en "
	      "10 días.",
		"Puede anular su cita hasta 24 horas antes.", NULL },
	    { "He anulado su cita.", "Su cita ha sido anulada.",
		"Ya está anulada su cita.", "Hemos recibido su paquete.",
		"Su paquete está en camino.", "Su cita queda anulada." } },
	{ "fr",
	    "Vous pouvez annuler le rendez-vous la veille. Nous remboursons "
	    "sous 10 jours, une fois que nous avons reçu le colis.",
	    { "Une fois que nous avons reçu le colis, nous remboursons sous 10 "
	      "jours.",
		"Vous pouvez annuler votre rendez-vous la veille.", NULL },
	    { "Votre rendez-vous est annulé.",
		"C'est fait, votre rendez-vous est annulé.",
		"J'ai annulé votre rendez-vous.",
		"Votre rendez-vous a été annulé.", "Nous avons reçu le colis.",
		"Votre colis est en route." } },
	{ "pt", "Pode cancelar a reserva até 24 horas antes.",
	    { "Pode cancelar a sua reserva até 24 horas antes.", NULL, NULL },
	    { "Cancelei a sua reserva.", "A sua reserva foi cancelada.",
		"A sua reserva está cancelada.", "Já cancelei a reserva.",
		"O seu pedido está a caminho.", NULL } },
	{ "it", "Può annullare la prenotazione fino a 24 ore prima.",
	    { "Può annullare la sua prenotazione fino a 24 ore prima.", NULL,
		NULL },
	    { "Ho annullato la sua prenotazione.",
		"La sua prenotazione è stata annullata.",
		"La sua prenotazione è annullata.",
		"Abbiamo annullato la prenotazione.", NULL, NULL } },
	{ "nl", "U kunt de boeking tot 24 uur vooraf annuleren.",
	    { "U kunt uw boeking tot 24 uur vooraf annuleren.", NULL, NULL },
	    { "Ik heb uw boeking geannuleerd.", "Uw boeking is geannuleerd.",
		"Uw boeking werd geannuleerd.", "Je geld is teruggestort.",
		"Je bestelling is onderweg.", NULL } },
	{ "pl",
	    "Rezerwację można anulować do 24 godzin wcześniej. Zwrot pieniędzy "
	    "trwa 10 dni.",
	    { "Rezerwację można anulować do 24 godzin wcześniej.",
		"Zwrot pieniędzy trwa 10 dni.", NULL },
	    { "Anulowałem rezerwację.", "Rezerwacja została anulowana.",
		"Twoja rezerwacja jest anulowana.",
		"Zwróciliśmy już pieniądze.", "Anulowaliśmy rezerwację.",
		NULL } },
	{ "ru",
	    "Заказ можно отменить до отправки. Деньги вернутся на карту за 10 "
	    "дней после того, как мы получили товар.",
	    { "Деньги вернутся на карту за 10 дней.",
		"Заказ можно отменить до отправки.", NULL },
	    { "Я отменил заказ.", "Ваш заказ отменён.",
		"Деньги уже возвращены на карту.", "Заказ был отменен.",
		"Ваш заказ уже в пути.", NULL } },
	{ "tr",
	    "Rezervasyonunuzu 24 saat öncesine kadar iptal edebilirsiniz. İade "
	    "10 gün sürer.",
	    { "İade 10 gün sürer.", NULL, NULL },
	    { "Rezervasyonunuzu iptal ettim.", "Rezervasyonunuz iptal edildi.",
		"İade işleminizi tamamladık.", "Siparişiniz gönderildi.", NULL,
		NULL } },
	{ "zh", "订单发货前可以取消。退款需要10天。",
	    { "退款需要10天。", "订单发货前可以取消。", NULL },
	    { "我已经取消了您的订单。", "您的订单已取消。", "退款已到账。",
		"我已经为您办理退货。", NULL, NULL } },
	{ "ar", "يمكن إلغاء الطلب قبل الشحن. يتم إرجاع المبلغ خلال 10 أيام.",
	    { "يتم إرجاع المبلغ خلال 10 أيام.", NULL, NULL },
	    { "تم إلغاء الطلب.", "لقد ألغيت طلبك.", "تم ارجاع المنتج.",
		"قمنا بإلغاء الطلب.", NULL, NULL } },
	{ "hi",
	    "ऑर्डर भेजने से पहले रद्द किया जा सकता है। रिफंड 10 दिन में "
	    "मिलता है।",
	    { "रिफंड 10 दिन में मिलता है।", NULL, NULL },
	    { "मैंने आपका ऑर्डर रद्द कर दिया है।",
		("आपका ऑर्डर रद्द कर दिया "
		 "गया है।"),
		"आपका ऑर्डर रद्द हो गया है।", NULL, NULL, NULL } },
	{ "id",
	    "Pesanan dapat dibatalkan sebelum dikirim. Dana dikembalikan dalam "
	    "10 hari setelah barang diterima.",
	    { "Dana dikembalikan dalam 10 hari setelah barang diterima.",
		"Pesanan dapat dibatalkan sebelum dikirim.", NULL },
	    { "Saya sudah membatalkan pesanan Anda.",
		"Pesanan Anda sudah dibatalkan.", "Pesanan Anda telah dikirim.",
		"Pesanan Anda dalam perjalanan.", NULL, NULL } },
	{ "ja", "ご注文は発送前にキャンセルできます。返金には10日かかります。",
	    { "返金には10日かかります。", NULL, NULL },
	    { "ご注文をキャンセルしました。", "返金の手続きを完了しました。",
		"ご注文はキャンセルされました。", NULL, NULL, NULL } },
};

static void
what_nobody_did(void **state)
{
	size_t i, n, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(deeds); i++) {
		struct ground_source source = { "Help", NULL,
			deeds[i].passage };
		struct ground_input in = { .source = &source,
			.nsources = 1,
			.language = deeds[i].language };
		enum ground_reason reason;
		char *why;

		for (n = 0; n < COUNT(deeds[i].rule); n++) {
			if (deeds[i].rule[n] == NULL)
				break;
			if (!is_sent(&in, deeds[i].rule[n], &reason, &why)) {
				print_error("%s: %s\n", deeds[i].rule[n], why);
				bad++;
			}
			free(why);
		}
		for (n = 0; n < COUNT(deeds[i].told); n++) {
			if (deeds[i].told[n] == NULL)
				break;
			is_sent(&in, deeds[i].told[n], &reason, NULL);
			if (reason != GROUND_DEED) {
				print_error("%s: %s\n", deeds[i].told[n],
				    ground_reason_text(reason));
				bad++;
			}
		}
	}
	assert_int_equal(bad, 0);
}

struct told {
	const char *language, *passage, *same, *other;
};

/* What a number is counted by: the same in other words, and another. */
static const struct told counted[] = {
	{ "en", "The API allows 100 requests per minute.",
	    "You can make 100 requests a minute.",
	    "You can make 100 requests per hour." },
	{ "en", "The daily limit in the app is £5,000.",
	    "In the app the limit is £5,000 a day.",
	    "The monthly limit in the app is £5,000." },
	{ "en", "Team costs $12 per user and month, billed yearly.",
	    "Team is $12 a month for each user if billed yearly.",
	    "Team costs $12 per user and year." },
	{ "en", "Breakfast costs $18 per person.",
	    "Breakfast is $18 for each guest.",
	    "Breakfast costs $18 per room." },
	{ "en", "A cot costs $10 per stay.", "A cot is $10 for each stay.",
	    "A cot costs $10 per night." },
	{ "en", "Late check-out costs $30.", "Late check-out costs $30.",
	    "Late check-out costs $30 per person." },
	{ "en", "Meeting rooms are $25 by the hour.",
	    "Meeting rooms cost $25 an hour.",
	    "Meeting rooms cost $25 a day." },
	{ "de", "Der Parkplatz kostet 9 Euro pro Nacht.",
	    "Pro Nacht kostet der Parkplatz 9 Euro.",
	    "Der Parkplatz kostet 9 Euro pro Aufenthalt." },
	{ "de", "Der Tarif kostet 24 Euro im Monat, bis 5 Personen.",
	    "Der Tarif kostet monatlich 24 Euro.",
	    "Der Tarif kostet 24 Euro pro Person und Monat." },
	{ "es", "El aparcamiento cuesta 12 euros al día.",
	    "El aparcamiento cuesta 12 euros por día.",
	    "El aparcamiento cuesta 12 euros a la semana." },
	{ "es", "La doble cuesta 95 euros por noche.",
	    "La doble cuesta 95 euros la noche.",
	    "La doble cuesta 95 euros por persona y noche." },
	{ "fr", "La livraison coûte 29 euros par vélo.",
	    "La livraison coûte 29 euros par vélo.",
	    "La livraison coûte 29 euros par commande." },
	{ "fr", "Le parking coûte 12 euros par jour.",
	    "Le parking coûte 12 euros la journée ou par jour.",
	    "Le parking coûte 12 euros par mois." },
	{ "pt", "O estacionamento custa 12 euros por dia.",
	    "O estacionamento custa 12 euros ao dia.",
	    "O estacionamento custa 12 euros por semana." },
	{ "it", "Il parcheggio costa 12 euro al giorno.",
	    "Il parcheggio costa 12 euro per giorno.",
	    "Il parcheggio costa 12 euro alla settimana." },
	{ "nl", "Parkeren kost 12 euro per dag.",
	    "Parkeren kost dagelijks 12 euro.",
	    "Parkeren kost 12 euro per week." },
	{ "pl", "Parking kosztuje 40 zł za dobę.",
	    "Parking kosztuje 40 zł dziennie.",
	    "Parking kosztuje 40 zł za miesiąc." },
	{ "ru", "Парковка стоит 300 рублей в день.",
	    "Парковка стоит 300 рублей в день.",
	    "Парковка стоит 300 рублей в месяц." },
	{ "tr", "Otopark günlük 150 liradır.", "Otopark günlük 150 lira.",
	    "Otopark aylık 150 liradır." },
	{ "zh", "停车费每天30元。", "停车每天30元。", "停车费每月30元。" },
	{ "ja", "駐車料金は1泊500円、会費は月額900円です。",
	    "会費は月額900円です。", "会費は年額900円です。" },
	{ "id", "Parkir Rp 20.000 per hari.", "Parkir Rp 20.000 sehari.",
	    "Parkir Rp 20.000 per bulan." },
	{ "ar", "الموقف 20 درهم في اليوم.", "الموقف 20 درهم يوميا.",
	    "الموقف 20 درهم شهريا." },
	{ "hi", "पार्किंग 200 रुपये प्रति दिन है।",
	    "पार्किंग 200 रुपये "
	    "प्रति दिन है।",
	    "पार्किंग 200 रुपये प्रति महीना है।" },
};

/* The end of a range for its beginning, and both the other way round. */
static const struct told ends[] = {
	{ "en", "The pool is open from May to September.",
	    "The pool opens in May and is open until September.",
	    "The pool is open from September to May." },
	{ "en", "Reception is staffed from 7 am to 10 pm.",
	    "Reception is staffed until 10 pm.",
	    "Reception is staffed from 10 pm to 7 am." },
	{ "en", "Refunds reach your card after 7 to 10 days.",
	    "Refunds reach your card within 10 days.",
	    "Refunds reach your card within 7 days." },
	{ "en", "Refunds reach your card after 7 to 10 days.",
	    "Refunds reach your card after 7 days at the earliest.",
	    "Refunds reach your card after 10 days at the earliest." },
	{ "en", "The proof must not be older than three months.",
	    "The proof must not be older than 3 months.",
	    "The proof must be older than three months." },
	{ "de", "Die Rezeption ist von 7 bis 22 Uhr besetzt.",
	    "Die Rezeption ist ab 7 Uhr besetzt.",
	    "Die Rezeption ist ab 22 Uhr besetzt." },
	{ "de", "Die Lieferung dauert 7 bis 10 Tage.",
	    "Die Lieferung dauert höchstens 10 Tage.",
	    "Die Lieferung kommt innerhalb von 7 Tagen." },
	{ "de", "Der Vertrag endet zum Monatsende.",
	    "Der Vertrag endet zum Monatsende.",
	    "Der Vertrag endet zum Jahresende." },
	{ "es", "Los sábados abrimos de 9:00 a 14:00.",
	    "Los sábados abrimos hasta las 14:00.",
	    "Los sábados abrimos hasta las 9:00." },
	{ "fr", "La livraison prend de 4 à 6 jours.",
	    "La livraison prend 6 jours au plus.",
	    "La livraison prend 4 jours." },
	{ "pt", "O prazo é de 2 a 4 dias.", "O prazo é de até 4 dias.",
	    "O prazo é de 2 dias." },
	{ "it", "La consegna richiede da 2 a 4 giorni.",
	    "La consegna arriva entro 4 giorni.",
	    "La consegna arriva entro 2 giorni." },
	{ "nl", "De levering duurt 2 tot 4 dagen.",
	    "De levering komt binnen 4 dagen.",
	    "De levering komt binnen 2 dagen." },
	{ "pl", "Dostawa trwa od 2 do 4 dni.", "Dostawa trwa do 4 dni.",
	    "Dostawa trwa do 2 dni." },
	{ "ru", "Доставка занимает от 2 до 4 дней.",
	    "Доставка занимает до 4 дней.", "Доставка занимает до 2 дней." },
	{ "id", "Pengiriman memakan waktu 2 sampai 4 hari.",
	    "Pengiriman maksimal 4 hari.", "Pengiriman maksimal 2 hari." },
	{ "ar", "يستغرق التوصيل من 2 إلى 4 أيام.", "التوصيل خلال 4 أيام.",
	    "التوصيل خلال 2 أيام." },
	{ "hi", "डिलीवरी में 2 से 4 दिन लगते हैं।",
	    "डिलीवरी में 4 दिन तक "
	    "लगते हैं।",
	    "डिलीवरी में 2 दिन लगते हैं।" },
	{ "tr", "Teslimat 2-4 gün sürer.", "Teslimat 4 gün içinde olur.",
	    "Teslimat 2 gün içinde olur." },
	{ "zh", "送货需要2到4天。", "送货需要2到4天。", "送货需要2天。" },
	{ "ja", "配送には2日から4日かかります。",
	    "配送には2日から4日かかります。", "配送には2日かかります。" },
};

/* Who does it: we for you, bring for provided. */
static const struct told who[] = {
	{ "en", "We send you the code of the key box by text message.",
	    "We send you the code of the key box.",
	    "You send us the code of the key box." },
	{ "en", "Towels are provided, please bring your own slippers.",
	    "Please bring your own slippers.",
	    "Please bring your own towels." },
	{ "en", "Please bring your own towels.", "Bring your own towels.",
	    "Towels are provided." },
	{ "en", "We rent out tents.", "You can rent a tent from us.",
	    "We do not rent out tents." },
	{ "de", "Handtücher werden gestellt.", "Handtücher sind vorhanden.",
	    "Bitte Handtücher mitbringen." },
	{ "de", "Den Schlüssel schicken wir mit der Post.",
	    "Wir schicken den Schlüssel mit der Post.",
	    "Den Schlüssel schicken Sie mit der Post." },
	{ "es", "Las toallas están incluidas.",
	    "Las toallas están incluidas, claro.",
	    "Traiga sus propias toallas." },
	{ "fr", "Nous envoyons le code par courrier.",
	    "Nous envoyons le code par courrier.",
	    "Vous envoyez le code par courrier." },
	{ "fr", "Les serviettes sont fournies.",
	    "Oui, les serviettes sont fournies.", "Apportez vos serviettes." },
};

/* Labels, marks and rounding that are no claims of their own. */
static const struct told rounds[] = {
	{ "en", "Replacement cards arrive in 5 working days.",
	    "Delivery time: 5 working days", "Delivery time: 6 working days" },
	{ "en", "Lost cards: call +44 20 7946 0123, 24 hours a day.",
	    "Call +44 20 7946 0123 (24/7).", "Call +44 20 7946 0132 (24/7)." },
	{ "en", "The tent weighs 980 g.", "The tent weighs about 1 kg.",
	    "The tent weighs about 2 kg." },
	{ "en", "The tent weighs 980 g.", "The tent weighs roughly 1 kg.",
	    "The tent weighs 1 kg." },
	{ "de",
	    "Das Frühstück kostet 14 Euro pro Person, Kinder bis 12 Jahre "
	    "zahlen 7 Euro.",
	    "Preis: 14 € (Kinder bis 12 Jahre: 7 €)",
	    "Preis: 7 € (Kinder bis 12 Jahre: 14 €)" },
	{ "de", "Der Tarif Solo kostet 9 Euro im Monat für eine Person.",
	    "Solo: 9 €/Monat, 1 Person", "Solo: 9 €/Monat, 2 Personen" },
	{ "de", "Die Jacke wiegt 490 g.", "Die Jacke wiegt etwa 500 g.",
	    "Die Jacke wiegt etwa 600 g." },
	{ "fr", "Le cabinet est ouvert le mardi de 9 h à 19 h.",
	    "Mardi : 9 h–19 h", "Mardi : 9 h–18 h" },
	{ "pt", "A primeira troca é grátis, as seguintes custam R$ 15.",
	    "A primeira troca é grátis; a partir da segunda, R$ 15.",
	    "A troca é grátis na segunda-feira." },
};

/* Of each what is sent and what is not. */
static void
hold_told(const struct told *told, size_t count)
{
	size_t i, n, bad = 0;

	for (i = 0; i < count; i++) {
		struct ground_source source = { "Help", NULL, told[i].passage };
		struct ground_input in = { .source = &source,
			.nsources = 1,
			.language = told[i].language };
		const char *const said[] = { told[i].same, told[i].other };
		enum ground_reason reason;

		for (n = 0; n < 2; n++) {
			if (is_sent(&in, said[n], &reason, NULL) == (n == 0))
				continue;
			print_error("%s: %s\n", said[n],
			    ground_reason_text(reason));
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void
what_it_is_counted_by(void **state)
{
	(void)state;
	hold_told(counted, COUNT(counted));
}

static void
ends_of_ranges(void **state)
{
	(void)state;
	hold_told(ends, COUNT(ends));
}

static void
who_does_it(void **state)
{
	(void)state;
	hold_told(who, COUNT(who));
}

static void
labels_and_rounding(void **state)
{
	(void)state;
	hold_told(rounds, COUNT(rounds));
}

/* What the desk or a tool of it said is a source of acts, and what is possible
 * is none. */
static void
what_was_done(void **state)
{
	static const char *const sent[] = { "Order 17 was shipped on 3 May.",
		NULL };
	static const char *const table[] = { "status: shipped, order: 17",
		NULL };
	static const char *const can[] = {
		"Your order can be shipped to Italy, too.", NULL
	};
	static const char *const torn[] = {
		"My parcel was delivered torn, where do I write to?", NULL
	};
	struct ground_source source = { "Help", NULL,
		"We ship within 3 days. Write to help@shop.example." };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;

	(void)state;
	in.told = sent;
	assert_true(is_sent(&in, "Your order was shipped.", &reason, NULL));
	in.told = table;
	assert_true(is_sent(&in, "Your order was shipped.", &reason, NULL));
	assert_false(is_sent(&in, "Your order was cancelled.", &reason, NULL));
	in.told = can;
	assert_false(is_sent(&in, "Your order was shipped.", &reason, NULL));
	assert_int_equal(reason, GROUND_DEED);
	in.told = NULL;
	in.asked = torn;
	is_sent(&in, "I'm sorry that your parcel was delivered torn!", &reason,
	    NULL);
	assert_int_not_equal(reason, GROUND_DEED);
}

/* German verbs in two parts are one, whichever way they stand. */
static void
verbs_in_two_parts(void **state)
{
	static const char text[] =
	    "Gutscheine werden nicht ausgezahlt. Pakete können im Laden "
	    "abgeholt werden.";

	(void)state;
	assert_int_equal(reason_for(text, "Gutscheine zahlen wir nicht aus."),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text, "Holen Sie Pakete im Laden ab."),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text, "Gutscheine zahlen wir gerne aus."),
	    GROUND_NEGATION);
}

/* A question tells what stands before it. */
static void
what_a_question_tells(void **state)
{
	static const char text[] = "We refund the price within 14 days.";

	(void)state;
	assert_int_equal(reason_for(text,
			     "You will get a full refund tomorrow, which order "
			     "is it?"),
	    GROUND_PROMISE);
	assert_int_equal(reason_for(text,
			     "Yes, we sell kayaks, which one do you want?"),
	    GROUND_ADDED);
	assert_int_equal(reason_for(text,
			     "If you want to send the kayak back, which order "
			     "is it?"),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text,
			     "Which kayak is it, the red or the blue one?"),
	    GROUND_SUPPORTED);
}

static void
which_are_facts(void **state)
{
	(void)state;
	assert_true(ground_is_fact(GROUND_NUMBER));
	assert_true(ground_is_fact(GROUND_SWAPPED));
	assert_true(ground_is_fact(GROUND_PROMISE));
	assert_false(ground_is_fact(GROUND_SUPPORTED));
	assert_false(ground_is_fact(GROUND_ADDED));
	assert_false(ground_is_fact(GROUND_NEGATION));
}

/* What frames an answer, in the words models like; and offers of a person. */
static const struct {
	const char *passage, *text;
} courtesies[] = {
	{ "en.ship", "Hi there! Thanks for reaching out." },
	{ "en.ship", "Let me know if you have any other questions!" },
	{ "en.ship",
	    "I'm happy to help. Is there anything else I can do for you?" },
	{ "en.ship", "I'm sorry for the inconvenience." },
	{ "en.ship", "Unfortunately I don't have that information." },
	{ "en.ship", "Would you like me to connect you with a colleague?" },
	{ "en.ship", "I can hand this over to our support team." },
	{ "en.ship", "Have a great day!" },
	{ "de.versand", "Hallo! Danke für Ihre Nachricht." },
	{ "de.versand", "Kann ich sonst noch etwas für Sie tun?" },
	{ "de.versand", "Ich helfe Ihnen gerne weiter." },
	{ "de.versand", "Soll ich Sie mit einem Kollegen verbinden?" },
	{ "de.versand", "Leider habe ich dazu keine Informationen." },
	{ "de.versand", "Einen schönen Tag noch!" },
	{ "es.envio", "¡Hola! Gracias por escribirnos." },
	{ "es.envio", "¿Hay algo más en lo que pueda ayudarle?" },
	{ "es.envio", "Si tiene alguna otra duda, aquí estoy." },
	{ "es.envio", "¿Quiere que le pase con un compañero?" },
	{ "fr.livr", "Bonjour, merci pour votre message." },
	{ "fr.livr",
	    "Je reste à votre disposition pour toute autre question." },
	{ "fr.livr",
	    "Souhaitez-vous que je vous mette en relation avec un conseiller ?" },
	{ "pt.envio", "Olá! Obrigado pelo contacto." },
	{ "pt.envio", "Posso ajudar em mais alguma coisa?" },
	{ "pt.envio", "Se tiver mais dúvidas, é só dizer." },
	{ "it.sped", "Buongiorno, grazie per averci scritto." },
	{ "it.sped", "Posso aiutarla in altro?" },
	{ "nl.alles", "Hallo, bedankt voor je bericht!" },
	{ "nl.alles", "Kan ik je verder nog ergens mee helpen?" },
	{ "id.kirim", "Halo kak, terima kasih sudah menghubungi kami." },
	{ "id.kirim", "Ada lagi yang bisa kami bantu?" },
	{ "ru.dost", "Здравствуйте! Спасибо за обращение." },
	{ "ru.dost", "Могу ли я ещё чем-нибудь помочь?" },
	{ "ru.dost", "Если у вас остались вопросы, напишите нам." },
	{ "hi.sab", "नमस्ते! हमसे संपर्क करने के लिए धन्यवाद।" },
	{ "hi.sab", "क्या मैं आपकी और कोई मदद कर सकता हूँ?" },
	{ "ar.tawsil", "مرحبا! شكرا لتواصلك معنا." },
	{ "ar.tawsil", "هل هناك شيء آخر يمكنني مساعدتك به؟" },
	{ "zh.song", "您好!感谢您的咨询。" },
	{ "zh.song", "请问还有其他可以帮您的吗?" },
	{ "zh.song", "如果还有其他问题,请随时联系我们。" },
	{ "ja.hai", "お問い合わせありがとうございます。" },
	{ "ja.hai",
	    "他にご不明な点がございましたら、お気軽にお問い合わせください。" },
};

static void
courtesy(void **state)
{
	size_t i, blocked = 0;

	(void)state;
	for (i = 0; i < sizeof(courtesies) / sizeof(courtesies[0]); i++) {
		const json_t *p =
		    json_object_get(passages, courtesies[i].passage);
		const json_t *other = json_object_get(passages,
		    courtesies[i].passage[0] == 'e' ? "de.laden" : "en.store");
		enum ground_reason reason =
		    reason_for(json_str(p, "text"), courtesies[i].text);

		if (reason == GROUND_SUPPORTED)
			reason = reason_for(json_str(other, "text"),
			    courtesies[i].text);

		if (reason == GROUND_SUPPORTED)
			continue;
		printf("# blocked, %s: %s\n", ground_reason_text(reason),
		    courtesies[i].text);
		blocked++;
	}
	printf("# %zu of %zu courtesies blocked\n", blocked,
	    sizeof(courtesies) / sizeof(courtesies[0]));
	fflush(stdout);
	assert_int_equal(blocked, 0);
}

/* What is said out of politeness, and what is told beside it. */
static const struct {
	const char *language, *passage;
	const char *polite[9];
} manners[] = {
	{ "en", "Parcels to Spain cost 9 euros.",
	    { "I completely understand your concern.",
		"I'm really sorry for the trouble.",
		"Thank you so much for your patience.",
		"We sincerely apologise for any inconvenience.",
		"I wish you a wonderful evening!",
		"I hope this clears things up.",
		"Feel free to reach out with any further questions.",
		"That must have been frustrating." } },
	{ "de", "Pakete nach Spanien kosten 9 Euro.",
	    { "Ich kann Ihren Ärger gut verstehen.",
		("Es tut mir wirklich leid, dass Sie diese Unannehmlichkeiten "
		 "hatten."),
		"Vielen Dank für Ihre Geduld.",
		"Ich wünsche Ihnen einen schönen Abend!",
		"Ich hoffe, das hilft Ihnen weiter.",
		"Zögern Sie nicht, mir zu schreiben.",
		"Das ist wirklich ärgerlich." } },
	{ "es", "Los paquetes a España cuestan 9 euros.",
	    { "Comprendo perfectamente su malestar.",
		"Lamentamos mucho las molestias.",
		"Muchas gracias por su paciencia.",
		"Le deseo un feliz fin de semana.",
		"Espero que esto le sea útil.",
		"No dude en escribirnos si tiene más preguntas." } },
	{ "fr", "Les colis pour l'Espagne coûtent 9 euros.",
	    { "Je comprends parfaitement votre frustration.",
		"Nous sommes vraiment navrés de ce désagrément.",
		"Merci beaucoup pour votre patience.",
		"Je vous souhaite une excellente soirée.",
		"En espérant vous avoir aidé.",
		"N'hésitez pas à nous écrire." } },
	{ "pt", "As encomendas para Espanha custam 9 euros.",
	    { "Compreendo a sua preocupação.", "Lamentamos muito o transtorno.",
		"Muito obrigado pela sua paciência.",
		"Desejo uma excelente semana!", "Espero ter ajudado.",
		"Fique à vontade para perguntar." } },
	{ "it", "I pacchi per la Spagna costano 9 euro.",
	    { "Capisco la sua frustrazione.", "Ci scusiamo per il disagio.",
		"Grazie mille per la pazienza.", "Le auguro una buona serata!",
		"Spero di esserle stato utile.", "Non esiti a scriverci." } },
	{ "nl", "Pakketten naar Spanje kosten 9 euro.",
	    { "Ik begrijp uw frustratie.", "Onze excuses voor het ongemak.",
		"Bedankt voor uw geduld.", "Ik wens u een prettige avond!",
		"Hopelijk helpt dit u verder.", "Wat jammer om te lezen." } },
	{ "pl", "Paczki do Hiszpanii kosztują 9 euro.",
	    { "Rozumiem Pana frustrację.",
		"Bardzo przepraszamy za niedogodności.",
		"Dziękujemy za cierpliwość.", "Życzę miłego wieczoru!",
		"Mam nadzieję, że to pomoże.", "Udanego weekendu!" } },
	{ "tr", "İspanya'ya koliler 9 euro tutar.",
	    { "Endişenizi anlıyorum.", "Yaşadığınız sıkıntı için özür dileriz.",
		"Sabrınız için teşekkür ederiz.", "İyi akşamlar dilerim!",
		"Umarım yardımcı olmuştur.", "Geçmiş olsun." } },
	{ "ru", "Посылки в Испанию стоят 9 евро.",
	    { "Понимаем ваше разочарование.",
		"Приносим извинения за неудобства.", "Благодарим за терпение.",
		"Желаем приятного вечера!", "Надеюсь, это вам поможет.",
		"Мне очень жаль это слышать." } },
	{ "id", "Paket ke Spanyol berharga 9 euro.",
	    { "Saya memahami kekecewaan Anda.",
		"Mohon maaf atas ketidaknyamanannya.",
		"Terima kasih atas kesabaran Anda.",
		"Semoga harimu menyenangkan!",
		"Semoga informasi ini membantu." } },
	{ "hi", "स्पेन के लिए पार्सल 9 यूरो का है।",
	    { "मैं आपकी परेशानी समझता हूँ।", "असुविधा के लिए हमें खेद है।",
		"आपके धैर्य के लिए धन्यवाद।", "आपका दिन शुभ हो!" } },
	{ "ar", "تكلف الطرود إلى إسبانيا 9 يورو.",
	    { "أتفهم قلقك تماما.", "نعتذر عن هذا الإزعاج.",
		"شكرا جزيلا على صبرك.", "نتمنى لك يوما سعيدا!",
		"آمل أن يكون ذلك مفيدا." } },
	{ "zh", "寄往西班牙的包裹运费为9欧元。",
	    { "非常理解您的心情。", "对此我们深感抱歉。", "感谢您的耐心。",
		"祝您生活愉快！", "希望以上回答对您有所帮助。" } },
	{ "ja", "スペインへの荷物は9ユーロです。",
	    { "ご不便をおかけして申し訳ございません。",
		"お問い合わせいただきありがとうございます。",
		"お役に立てれば幸いです。",
		"素敵な一日をお過ごしください。" } },
};

static const struct {
	const char *language, *text;
} tells_besides[] = {
	{ "en", "I understand that your parcel is free." },
	{ "en", "Thank you, we deliver to Norway." },
	{ "en", "I'm sorry, we have sent you a voucher." },
	{ "de", "Danke, wir liefern auch nach Norwegen." },
	{ "de", "Ich verstehe, das Paket kostet 8 Euro." },
	{ "es", "Gracias, enviamos también a Noruega." },
	{ "fr", "Merci, nous livrons aussi en Norvège." },
};

/* The unit of the second price goes without saying. */
static void
exchanged_prices(void **state)
{
	const char *text = "A desk costs 45 euros and a chair 32 euros.";

	(void)state;
	assert_int_equal(reason_for(text, "A desk costs 45 euros, a chair 32."),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text, "A desk costs 32 euros, a chair 45."),
	    GROUND_SWAPPED);
	assert_int_equal(reason_for(text,
			     "The desk is 32 euros and the chair 45."),
	    GROUND_SWAPPED);
}

/* Who is named has to be named so, and of the same thing. */
static void
people_by_name(void **state)
{
	const char *text = "Yoga is taught by Clara Whitfield. Pilates is "
			   "taught by Tom Ashdown; Grace Penrose runs the "
			   "desk. Dr Helen Stroud sees athletes.";

	(void)state;
	assert_int_equal(reason_for(text, "Yoga is taught by Clara Best."),
	    GROUND_NAME);
	assert_int_equal(reason_for(text, "Yoga is taught by Clara Penrose."),
	    GROUND_NAME);
	assert_int_equal(reason_for(text, "Athletes are seen by Dr Long."),
	    GROUND_NAME);
	assert_int_equal(reason_for(text, "Yoga is taught by Grace Penrose."),
	    GROUND_SWAPPED);
	assert_int_equal(reason_for(text, "Pilates is taught by Tom."),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text, "Clara Whitfield's yoga is there."),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text, "Dr Stroud sees athletes."),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for(text, "Grace Penrose runs the desk."),
	    GROUND_SUPPORTED);
}

/* Times and numbers in words, of languages whose numbers are listed. */
static const struct {
	const char *language, *passage, *same, *other;
} in_words[] = {
	{ "es", "Abrimos a las 9:15.", "Abrimos a las nueve y cuarto.",
	    "Abrimos a las nueve y media." },
	{ "it", "Il museo apre alle 9:15.",
	    "Il museo apre alle nove e un quarto.",
	    "Il museo apre alle nove e mezza." },
	{ "it", "Il corso dura 45 minuti.",
	    "Il corso dura quarantacinque minuti.",
	    "Il corso dura trentacinque minuti." },
	{ "nl", "De winkel opent om 10:00 uur.",
	    "De winkel opent om tien uur 's ochtends.",
	    "De winkel opent om elf uur 's ochtends." },
	{ "nl", "De winkel opent om 8:30 uur.",
	    "De winkel opent om half negen.", "De winkel opent om half tien." },
	{ "pl", "Sklep otwieramy o 8:30.",
	    "Sklep otwieramy o wpół do dziewiątej.",
	    "Sklep otwieramy o wpół do dziesiątej." },
	{ "pl", "Kurs trwa 25 minut.", "Kurs trwa dwadzieścia pięć minut.",
	    "Kurs trwa trzydzieści minut." },
	{ "tr", "Dükkan saat 10:00'da açılır.", "Dükkan saat onda açılır.",
	    "Dükkan saat on birde açılır." },
	{ "tr", "Kurs üç hafta sürer.", "Kurs 3 hafta sürer.",
	    "Kurs 5 hafta sürer." },
	{ "hi", "दुकान सुबह 8:30 बजे खुलती है।", "दुकान सुबह साढ़े आठ बजे खुलती है।",
	    "दुकान सुबह साढ़े नौ बजे खुलती है।" },
	{ "ar", "يفتح المتجر الساعة 10:30 صباحا.",
	    "يفتح المتجر الساعة العاشرة والنصف صباحا.",
	    "يفتح المتجر الساعة التاسعة والنصف صباحا." },
	{ "zh", "商店上午10:30开门。", "商店上午十点半开门。",
	    "商店上午九点半开门。" },
};

static void
numbers_in_words(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(in_words); i++) {
		source.text = in_words[i].passage;
		in.language = in_words[i].language;
		if (!is_sent(&in, in_words[i].same, &reason, NULL)) {
			print_error("held: %s: %s\n", in_words[i].same,
			    ground_reason_text(reason));
			bad++;
		}
		if (is_sent(&in, in_words[i].other, &reason, NULL)) {
			print_error("sent: %s\n", in_words[i].other);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* The same in words that only look like the contrary, and the contrary. */
static const struct {
	const char *language, *passage, *same, *contrary;
} turned[] = {
	{ "en",
	    "Parcels not claimed within 30 days are sent back to the sender.",
	    "If a parcel hasn't been claimed after 30 days, we send it back to "
	    "the sender.",
	    "Parcels claimed within 30 days are sent back to the sender." },
	{ "en",
	    "Scooters cost 12 euros a day. Locks are included; trolleys cost "
	    "3 euros a day.",
	    "A scooter is 12 euros a day, and a lock comes at no extra cost.",
	    "A trolley is 12 euros a day." },
	{ "de", "Im Winter schließen wir zwei Wochen.",
	    "Im Winter machen wir zwei Wochen zu.",
	    "Im Winter schließen wir zwei Wochen nicht." },
	{ "es", "La recogida es sin coste.", "No les cobramos la recogida.",
	    "La recogida cuesta 5 euros." },
	{ "pt", "Se cancelarmos a aula, pode remarcar sem custo.",
	    "Se cancelarmos a aula, pode remarcar sem pagar nada.",
	    "Se cancelarmos a aula, não pode remarcar." },
	{ "it", "Chi noleggia per 6 giorni paga 5 giorni.",
	    "Se noleggia per 6 giorni ne paga 5.",
	    "Se noleggia per 6 giorni ne paga 4." },
	{ "tr", "Pazar günü kapalıdır.", "Pazar günü kapalıyız.",
	    "Pazar günü kapalı değiliz." },
	{ "zh", "周一闭馆。", "周一不开放。", "周一开放。" },
};

static void
no_contraries(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(turned); i++) {
		source.text = turned[i].passage;
		in.language = turned[i].language;
		if (!is_sent(&in, turned[i].same, &reason, NULL)) {
			print_error("held: %s: %s\n", turned[i].same,
			    ground_reason_text(reason));
			bad++;
		}
		if (is_sent(&in, turned[i].contrary, &reason, NULL)) {
			print_error("sent: %s\n", turned[i].contrary);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* What comes out right of all that is named may be said, and nothing else. */
static const struct {
	const char *passage, *right, *wrong;
} sums[] = {
	/* By what is measured, and by no other measure. */
	{ "Stoff kostet 9 Euro je Meter. Garn kostet 4 Euro.",
	    "Drei Meter Stoff kosten 27 Euro.",
	    "Drei Meter Stoff kosten 36 Euro." },
	{ "Coffee beans cost 14 euros a kilo. A mug costs 6 euros.",
	    "Two kilos of coffee beans come to 28 euros.",
	    "Two litres of coffee beans come to 28 euros." },
	{ "A kayak costs 15 euros a day and a canoe 24 euros a day.",
	    "Three days with a kayak come to 45 euros.",
	    "Three days with a kayak come to 72 euros." },
	{ "A kayak costs 15 euros a day and a canoe 24 euros a day.",
	    "A canoe is 9 euros a day more than a kayak.",
	    "A kayak is 9 euros a day more than a canoe." },
	{ "A kayak costs 15 euros a day and a canoe 24 euros a day.",
	    "A kayak and a canoe together are 39 euros a day.",
	    "A canoe costs 39 euros a day." },
	{ "Der Eintritt kostet 12 Euro, für Kinder 7 Euro.",
	    "Drei Kinder zahlen zusammen 21 Euro.",
	    "Drei Kinder zahlen zusammen 36 Euro." },
	{ "La silla cuesta 40 euros y la mesa 90 euros.",
	    "La silla y la mesa cuestan juntas 130 euros.",
	    "La silla y la mesa cuestan juntas 120 euros." },
	{ "The first hour costs 5 euros, each further hour 3 euros.",
	    "The first hour costs 5 euros.", "Three hours cost 15 euros." },
	{ "Rooms cost 80 euros a night. From the third night on all are 10 "
	  "percent cheaper.",
	    "Rooms cost 80 euros a night.", "Four nights are 320 euros." },
};

static size_t
count_wrong(const struct ground_input *in, const char *const *said, bool sent)
{
	enum ground_reason reason;
	size_t i, bad = 0;

	for (i = 0; said[i] != NULL; i++) {
		if (is_sent(in, said[i], &reason, NULL) == sent)
			continue;
		print_error("%s: %s\n", said[i], ground_reason_text(reason));
		bad++;
	}
	return bad;
}

static void
sums_that_are_right(void **state)
{
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(sums); i++) {
		if (reason_for(sums[i].passage, sums[i].right) !=
		    GROUND_SUPPORTED) {
			print_error("held: %s\n", sums[i].right);
			bad++;
		}
		if (reason_for(sums[i].passage, sums[i].wrong) ==
		    GROUND_SUPPORTED) {
			print_error("sent: %s\n", sums[i].wrong);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* The same of what the question names and counts. */
static const struct {
	const char *language, *passage, *asked, *right, *wrong;
} asked_sums[] = {
	{ "en",
	    "An e-bike costs 35 euros a day, a bike 18 euros a day. The deposit "
	    "for an e-bike is 150 euros.",
	    "What would an e-bike be for two days?",
	    "For two days that comes to 70 euros.",
	    "For two days that comes to 36 euros." },
	{ "en", "An e-bike costs 35 euros a day, a bike 18 euros a day.",
	    "We need two e-bikes for a day.", "2 x 35 = 70 euros.",
	    "2 x 35 = 80 euros." },
	{ "en", "An e-bike costs 35 euros a day, a bike 18 euros a day.",
	    "We need two e-bikes for a day.", "That is 70 euros (2 \u00d7 35).",
	    "3 x 35 = 105 euros." },
	{ "en", "A cot costs 4 euros a day. Adults get 5 percent off in May.",
	    "A cot for three days?", "So 12 euros for three days.",
	    "So 15 euros for three days." },
	{ "en",
	    "A bed costs 20 euros. A towel costs 5 euros. A meal is 25 euros.",
	    "What are a bed and a towel?",
	    "Together 25 euros: 20 for the bed and 5 for the towel.",
	    "Together 30 euros: 20 for the bed and 5 for the towel." },
	{ "de",
	    "Ein Ruderboot kostet 14 Euro in der Stunde, ein Tretboot 16 Euro "
	    "und ein Elektroboot 28 Euro in der Stunde.",
	    "Was kostet das Tretboot für zwei Stunden?",
	    "Für zwei Stunden sind das 32 Euro.",
	    "Für zwei Stunden sind das 56 Euro." },
	{ "es",
	    "El curso de paella cuesta 45 euros por persona y dura 2 horas.",
	    "¿Y el curso de paella para dos?", "Para dos serían 90 euros.",
	    "Para dos serían 80 euros." },
	{ "fr", "L'atelier coûte 35 euros. Un vase coûte 12 euros.",
	    "Combien pour l'atelier avec un vase ?",
	    "Cela fait 47 euros en tout.", "Cela fait 48 euros en tout." },
	{ "pt", "Lavar um edredão custa 14 euros.", "E dois edredões?",
	    "São 28 euros.", "São 29 euros." },
	{ "ar", "إيجار السيارة الصغيرة 120 درهماً في اليوم.",
	    "كم السيارة الصغيرة؟", "ليومين تكون التكلفة 240 درهماً.",
	    "ليومين تكون التكلفة 260 درهماً." },
	{ "zh", "证件照每人30元。", "两个人拍证件照多少钱?", "两个人一共60元。",
	    "两个人一共90元。" },
};

static void
sums_that_were_asked(void **state)
{
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(asked_sums); i++) {
		const char *asked[2] = { asked_sums[i].asked, NULL };
		const char *right[2] = { asked_sums[i].right, NULL };
		const char *wrong[2] = { asked_sums[i].wrong, NULL };
		struct ground_source source = { "Help", NULL,
			asked_sums[i].passage };
		struct ground_input in = { .source = &source,
			.nsources = 1,
			.asked = asked,
			.language = asked_sums[i].language };

		bad += count_wrong(&in, right, true);
		bad += count_wrong(&in, wrong, false);
	}
	assert_int_equal(bad, 0);
}

/* Whoever is greeted, and whatever is wished, is no claim. */
static const struct {
	const char *language, *passage;
	const char *polite[6];
	const char *told;
} goodbyes[] = {
	{ "en", "A lesson costs 20 pounds.",
	    { "Goodbye, and see you around!", "Hello Marek!",
		"Dear Ms Okafor, thank you for writing.",
		"Fingers crossed for your exam!",
		"Wishing your dog a quick recovery!" },
	    "Hello Marek, a lesson costs 25 pounds." },
	{ "de", "Ein Kurs kostet 20 Euro.",
	    { "Auf Wiedersehen!", "Hallo Frau Berger!",
		"Für Rückfragen stehe ich jederzeit bereit.",
		"Wir wünschen Ihrem Hund gute Besserung!" },
	    "Wir wünschen viel Erfolg, der Kurs kostet 25 Euro." },
	{ "es", "La clase cuesta 20 euros.",
	    { "¡Hasta luego!", "¡Hola, Marek!",
		"Quedamos a su entera disposición.",
		"¡Mucha suerte con el examen!" },
	    "Hola, Marek, la clase cuesta 25 euros." },
	{ "fr", "Le cours coûte 20 euros.",
	    { "À très vite !", "Bonjour Madame Okafor,",
		"Au plaisir de vous accueillir !",
		"Bonne chance pour votre examen !" },
	    "Bonjour Madame Okafor, le cours est gratuit." },
	{ "pt", "A aula custa 20 euros.",
	    { "Até breve!", "Boa tarde, senhora Okafor.",
		"Ficamos ao seu inteiro dispor.", "Boa sorte na prova!" },
	    "Olá, Marek, a aula custa 25 euros." },
	{ "it", "La lezione costa 20 euro.",
	    { "Arrivederci!", "Ciao Marek!", "Siamo a Sua disposizione.",
		"In bocca al lupo per l'esame!" },
	    "Ciao Marek, la lezione costa 25 euro." },
	{ "nl", "Een les kost 20 euro.",
	    { "Tot de volgende keer!", "Goedemiddag mevrouw Okafor,",
		"Hartelijke groeten", "Veel succes met het examen!" },
	    "Dag Marek, een les kost 25 euro." },
	{ "id", "Satu kelas berharga 20000 rupiah.",
	    { "Sampai bertemu lagi!", "Halo Kak Marek!",
		"Kami siap melayani Anda.",
		"Semoga anjing Anda lekas sembuh!" },
	    "Halo Kak Marek, satu kelas berharga 25000 rupiah." },
	{ "hi",
	    "एक कक्षा "
	    "का शुल्क 200 "
	    "रुपये है।",
	    { "अलविदा!" }, NULL },
	{ "ar",
	    "سعر الدرس 20 "
	    "درهما.",
	    { "نحن في "
	      "خدمتكم." },
	    NULL },
	{ "zh", "课程每节20元。", { "期待与您见面！" }, NULL },
	{ "pl", "Lekcja kosztuje 20 euro.",
	    { "Do usłyszenia!", "Dzień dobry, pani Okafor.", "Trzymam kciuki!",
		"Powodzenia na egzaminie!" },
	    "Cześć Marek, lekcja kosztuje 25 euro." },
	{ "tr", "Ders 20 lira tutar.",
	    { "Hoşça kalın!", "Merhaba Ayşe Hanım,", "Sınavda başarılar!",
		"İyi uçuşlar dileriz!" },
	    "Merhaba Marek, ders 25 lira tutar." },
};

static void
greetings_and_goodbyes(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;
	size_t i, n, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(goodbyes); i++) {
		source.text = goodbyes[i].passage;
		in.language = goodbyes[i].language;
		for (n = 0; goodbyes[i].polite[n] != NULL; n++)
			if (!is_sent(&in, goodbyes[i].polite[n], &reason,
				NULL)) {
				print_error("%s: %s\n", goodbyes[i].polite[n],
				    ground_reason_text(reason));
				bad++;
			}
		if (goodbyes[i].told != NULL &&
		    is_sent(&in, goodbyes[i].told, &reason, NULL)) {
			print_error("sent: %s\n", goodbyes[i].told);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void
manners_of_all_languages(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;
	size_t i, n, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(manners); i++) {
		source.text = manners[i].passage;
		in.language = manners[i].language;
		for (n = 0; manners[i].polite[n] != NULL; n++)
			if (!is_sent(&in, manners[i].polite[n], &reason,
				NULL)) {
				print_error("%s: %s\n", manners[i].polite[n],
				    ground_reason_text(reason));
				bad++;
			}
	}
	for (i = 0; i < COUNT(tells_besides); i++) {
		for (n = 0; strcmp(manners[n].language,
				tells_besides[i].language) != 0;
		     n++)
			;
		source.text = manners[n].passage;
		in.language = manners[n].language;
		if (is_sent(&in, tells_besides[i].text, &reason, NULL)) {
			print_error("sent: %s\n", tells_besides[i].text);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* What has its price is not free, and what is free has none. */
static const struct {
	const char *language, *passage, *same, *free, *priced;
} priced[] = {
	{ "nl", "Een extra sleutel kost 12 euro. Een kinderbed is gratis.",
	    "Een kinderbed is gratis.", "Een extra sleutel is gratis.",
	    "Een kinderbed kost 12 euro." },
	{ "ru", "Вторая подушка стоит 300 рублей. Детская кроватка бесплатна.",
	    "Детская кроватка предоставляется бесплатно.",
	    "Вторая подушка бесплатная.",
	    "Детская кроватка стоит 300 рублей." },
	{ "tr", "Ek yastık 300 liradır. Bebek yatağı ücretsizdir.",
	    "Bebek yatağı ücretsizdir.", "Ek yastık ücretsizdir.",
	    "Bebek yatağı 300 liradır." },
	{ "pl",
	    "Dodatkowa poduszka kosztuje 30 złotych. Łóżeczko dziecięce jest "
	    "bezpłatne.",
	    "Łóżeczko dziecięce jest darmowe.",
	    "Dodatkowa poduszka jest bezpłatna.",
	    "Łóżeczko dziecięce kosztuje 30 złotych." },
	{ "it", "Un cuscino in più costa 3 euro. La culla è gratuita.",
	    "La culla è gratis.", "Un cuscino in più è gratis.",
	    "La culla costa 3 euro." },
	{ "id", "Bantal tambahan Rp 30.000. Ranjang bayi gratis.",
	    "Ranjang bayi tanpa biaya.", "Bantal tambahan gratis.",
	    "Ranjang bayi Rp 30.000." },
	{ "ar", "تكلف الوسادة الإضافية 30 ريالا. سرير الأطفال مجاني.",
	    "سرير الأطفال مجاني.", "الوسادة الإضافية مجانية.",
	    "يكلف سرير الأطفال 30 ريالا." },
	{ "zh", "加枕头收费30元。婴儿床免费。", "婴儿床是免费的。",
	    "加枕头免费。", "婴儿床收费30元。" },
	{ "hi", "अतिरिक्त तकिया 300 रुपये का है। बच्चे का पालना मुफ़्त है।",
	    "बच्चे का पालना निःशुल्क है।", "अतिरिक्त तकिया मुफ़्त है।",
	    "बच्चे का पालना 300 रुपये का है।" },
	/* "de" is no country */
	{ "fr",
	    "La livraison en France coûte 29 euros par vélo et prend 4 à 6 "
	    "jours. Le retrait en magasin à Nantes est gratuit. Vous pouvez "
	    "essayer un vélo pendant 1 heure avec une caution de 200 euros.",
	    "Oui, vous pouvez retirer votre vélo gratuitement dans notre "
	    "magasin de Nantes.",
	    "La livraison en France est gratuite.",
	    "Le retrait en magasin à Nantes coûte 29 euros." },
	{ "ja", "追加の枕は300円です。ベビーベッドは無料です。",
	    "ベビーベッドは無料です。", "追加の枕は無料です。",
	    "ベビーベッドは300円です。" },
};

static void
what_is_free(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;
	size_t i, n, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(priced); i++) {
		const char *const said[] = { priced[i].same, priced[i].free,
			priced[i].priced };

		source.text = priced[i].passage;
		in.language = priced[i].language;
		for (n = 0; n < COUNT(said); n++) {
			if (is_sent(&in, said[n], &reason, NULL) == (n == 0))
				continue;
			print_error("%s: %s\n", said[n],
			    ground_reason_text(reason));
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* What a passage denies, or limits with one word, and what is said of it. */
static const struct {
	const char *language, *passage;
	const char *same[9], *contrary[7];
} blunt[] = {
	{ "en",
	    "The pool is open in summer, heated, and large. The courtyard is "
	    "unlit.",
	    { "The pool is heated.", "The courtyard is not lit." },
	    { "The pool is unheated.", "The courtyard is lit." } },
	{ "de", "Der Pool ist beheizt. Der Hof ist unbewacht.",
	    { "Der Pool ist beheizt.", "Der Hof ist unbewacht." },
	    { "Der Pool ist unbeheizt.", "Der Hof ist bewacht." } },
	{ "nl", "Het zwembad is verwarmd.", { "Het zwembad is verwarmd." },
	    { "Het zwembad is onverwarmd." } },
	{ "pl", "Parking jest strzeżony.", { "Parking jest strzeżony." },
	    { "Parking jest niestrzeżony." } },
	{ "ru", "Стоянка охраняемая.", { "Стоянка охраняемая." },
	    { "Стоянка неохраняемая." } },
	{ "en",
	    "There is no sauna. Bikes are only for guests. Exports are only "
	    "part of the Gold plan. The Silver plan has a calendar. Lunch is "
	    "served except on Mondays. Your room number stays the same. "
	    "Without a deposit we cannot hold a table. The safe is not "
	    "included in the price.",
	    { "No, there is no sauna.", "Sorry, we don't have a sauna.",
		"Exports are part of the Gold plan.",
		"Bikes are for guests only.", "Lunch is not served on Mondays.",
		"Your room number doesn't change.",
		"Yes, we need a deposit to hold a table.",
		"No, the safe costs extra." },
	    { "There is a sauna.", "Yes, we do have a sauna.",
		"Bikes are for everyone.",
		"Yes, exports are part of the Silver plan.",
		"Lunch is served on Mondays.",
		"Yes, your room number changes." } },
	{ "de",
	    "Es gibt keine Sauna. Fahrräder sind nur für Gäste. Der Export "
	    "ist nur im Tarif Gold enthalten. Der Tarif Silber hat einen "
	    "Kalender. Mittagessen gibt es täglich außer am Montag. Ohne "
	    "Anzahlung halten wir keinen Tisch frei. Der Tresor ist nicht im "
	    "Preis enthalten.",
	    { "Nein, es gibt keine Sauna.", "Leider haben wir keine Sauna.",
		"Der Export ist im Tarif Gold enthalten.",
		"Mittagessen gibt es täglich außer am Montag.",
		"Am Montag gibt es kein Mittagessen.",
		"Nein, der Tresor kostet extra." },
	    { "Ja, es gibt eine Sauna.", "Wir haben eine Sauna.",
		"Ja, der Export ist im Tarif Silber enthalten.",
		"Fahrräder sind für alle da.",
		"Mittagessen gibt es auch am Montag." } },
	{ "es",
	    "No hay sauna. Las bicicletas son solo para clientes. La comida "
	    "está incluida excepto los lunes. Sin fianza no podemos guardar "
	    "la mesa.",
	    { "No, no hay sauna.", "No tenemos sauna.",
		"Sí, necesitamos una fianza para guardar la mesa.",
		"Los lunes la comida no está incluida." },
	    { "Sí, hay sauna.", "Tenemos sauna.",
		"Las bicicletas son para todos.",
		"La comida está incluida los lunes.",
		"No hace falta fianza." } },
	{ "fr",
	    "Il n'y a pas de sauna. Nous n'avons pas de garage. Le repas est "
	    "compris sauf le lundi. Sans acompte, nous ne pouvons pas garder "
	    "la table.",
	    { "Non, il n'y a pas de sauna.", "Nous n'avons pas de garage.",
		"Le lundi, le repas n'est pas compris." },
	    { "Oui, il y a un sauna.", "Nous avons un garage.",
		"Le repas est compris le lundi." } },
	{ "pt",
	    "Não há sauna. Não temos garagem. O almoço está incluído exceto "
	    "às segundas-feiras.",
	    { "Não, não há sauna.", "Não temos garagem." },
	    { "Sim, há sauna.", "Temos garagem.",
		"O almoço está incluído às segundas-feiras." } },
	{ "it",
	    "Non c'è la sauna. Non abbiamo un garage. Il pranzo è incluso "
	    "tranne il lunedì.",
	    { "No, non c'è la sauna.", "Non abbiamo un garage." },
	    { "Sì, c'è la sauna.", "Abbiamo un garage.",
		"Il pranzo è incluso il lunedì." } },
	{ "nl",
	    "Er is geen sauna. We hebben geen garage. De lunch is inbegrepen "
	    "behalve op maandag.",
	    { "Nee, er is geen sauna.", "We hebben geen garage." },
	    { "Ja, er is een sauna.", "We hebben een garage.",
		"De lunch is op maandag inbegrepen." } },
	{ "pl",
	    "Nie ma sauny. Nie przyjmujemy gotówki. Rowery są tylko dla gości.",
	    { "Nie, nie ma sauny.", "Niestety nie przyjmujemy gotówki." },
	    { "Tak, jest sauna.", "Przyjmujemy gotówkę.",
		"Rowery są dla wszystkich." } },
	{ "tr",
	    "Sauna yok. Nakit kabul etmiyoruz. Öğle yemeği fiyata dahildir.",
	    { "Hayır, sauna yok.", "Maalesef nakit kabul etmiyoruz." },
	    { "Evet, sauna var.", "Nakit kabul ediyoruz.",
		"Öğle yemeği fiyata dahil değildir." } },
	{ "ru",
	    "Сауны нет. Наличные не принимаем. Обед включён, кроме понедельника.",
	    { "Нет, сауны нет.", "Наличные не принимаем." },
	    { "Да, есть сауна.", "Принимаем наличные.",
		"В понедельник обед включён." } },
	{ "id", "Tidak ada sauna. Kami tidak menerima uang tunai.",
	    { "Tidak ada sauna.", "Maaf, kami tidak menerima uang tunai." },
	    { "Ya, ada sauna.", "Kami menerima uang tunai." } },
	{ "ar", "لا يوجد مسبح. لا نقبل الدفع نقدا.", { "لا يوجد مسبح." },
	    { "نعم، يوجد مسبح.", "نقبل الدفع نقدا." } },
	{ "zh", "酒店没有游泳池。我们不接受现金。", { "酒店没有游泳池。" },
	    { "酒店有游泳池。", "我们接受现金。" } },
	{ "ja", "プールはありません。現金は使えません。",
	    { "プールはありません。" }, { "はい、プールがあります。" } },
	{ "hi", "यहाँ स्विमिंग पूल नहीं है।", { "यहाँ स्विमिंग पूल नहीं है।" },
	    { "हाँ, यहाँ स्विमिंग पूल है।" } },
};

static void
what_is_denied(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(blunt); i++) {
		source.text = blunt[i].passage;
		in.language = blunt[i].language;
		bad += count_wrong(&in, blunt[i].same, true);
		bad += count_wrong(&in, blunt[i].contrary, false);
	}
	assert_int_equal(bad, 0);
}

/* What is allowed, due or open, and the contrary in a few other words. */
static const struct {
	const char *language, *passage;
	const char *same[6], *contrary[6];
} flips[] = {
	/* The part that is denied is named elsewhere, too. */
	{ "en",
	    "Picnics are allowed in the garden, but not in the greenhouse. The "
	    "greenhouse costs 6 euros, the garden 4 euros.",
	    { "Picnics are allowed in the garden.",
		"It is 10 euros: 6 for the greenhouse and 4 for the garden.",
		"Picnics are not allowed in the greenhouse.",
		"The greenhouse costs 6 euros." },
	    { "Yes, picnics are welcome in the greenhouse.",
		"Picnics are allowed in the greenhouse." } },
	{ "de",
	    "Hunde sind im Garten erlaubt, aber nicht im Museum. Das Museum "
	    "kostet 6 Euro.",
	    { "Hunde sind im Garten erlaubt." },
	    { "Ja, Hunde sind im Museum erlaubt." } },
	{ "en",
	    "Bicycles are not permitted on the platform. Visitors must sign the register. We do not rent out skates.",
	    { "Bicycles are not allowed on the platform.",
		"Please sign the register, it is required.",
		"Skates can't be rented here." },
	    { "Bicycles are welcome on the platform.",
		"You needn't sign the register.", "You can rent skates.",
		"Signing the register is voluntary." } },
	{ "de",
	    "Fahrräder sind im Innenhof verboten. Eine Anmeldung ist erforderlich. Wir verleihen keine Schlittschuhe. Am Mittwoch haben wir geschlossen.",
	    { "Fahrräder sind im Innenhof leider nicht gestattet.",
		"Sie müssen sich anmelden, eine Anmeldung ist Pflicht.",
		"Mittwochs ist zu." },
	    { "Fahrräder sind im Innenhof erlaubt.",
		"Eine Anmeldung ist freiwillig.",
		"Ja, wir verleihen Schlittschuhe.",
		"Am Mittwoch haben wir geöffnet." } },
	{ "es",
	    "Las bicicletas están prohibidas en el patio. El carné es obligatorio. No alquilamos patines. El miércoles está cerrado.",
	    { "Las bicicletas no están permitidas en el patio.",
		"El carné es necesario.", "El miércoles no abrimos." },
	    { "Las bicicletas están permitidas en el patio.",
		"El carné es opcional.", "Sí, alquilamos patines.",
		"El miércoles está abierto." } },
	{ "fr",
	    "Les vélos sont interdits dans la cour. La carte est obligatoire. Nous ne louons pas de patins. Le mercredi, nous sommes fermés.",
	    { "Les vélos ne sont pas autorisés dans la cour.",
		"La carte est indispensable.", "Le mercredi, c'est fermé." },
	    { "Les vélos sont autorisés dans la cour.",
		"La carte est facultative.", "Oui, nous louons des patins.",
		"Le mercredi, nous sommes ouverts." } },
	{ "it",
	    "Le biciclette sono vietate nel cortile. La tessera è obbligatoria. Non noleggiamo pattini. Il mercoledì siamo chiusi.",
	    { "Le biciclette non sono ammesse nel cortile.",
		"La tessera è necessaria.", "Il mercoledì è chiuso." },
	    { "Le biciclette sono ammesse nel cortile.",
		"La tessera è facoltativa.", "Sì, noleggiamo pattini.",
		"Il mercoledì siamo aperti." } },
	{ "nl",
	    "Fietsen zijn verboden op de binnenplaats. Een pasje is verplicht. Wij verhuren geen schaatsen. Op woensdag zijn wij gesloten.",
	    { "Fietsen zijn niet toegestaan op de binnenplaats.",
		"Een pasje is nodig.", "Op woensdag zijn wij dicht." },
	    { "Fietsen zijn toegestaan op de binnenplaats.",
		"Een pasje is niet nodig.", "Ja, wij verhuren schaatsen.",
		"Op woensdag zijn wij open." } },
	{ "pt",
	    "As bicicletas são proibidas no pátio. O cartão é obrigatório. Não alugamos patins. Na quarta-feira estamos fechados.",
	    { "As bicicletas não são permitidas no pátio.",
		"O cartão é necessário.", "Na quarta-feira não abrimos." },
	    { "As bicicletas são permitidas no pátio.", "O cartão é opcional.",
		"Sim, alugamos patins.", "Na quarta-feira estamos abertos." } },
	{ "pl",
	    "Rowery na dziedzińcu są zabronione. Legitymacja jest wymagana. Nie wypożyczamy łyżew. W środę jest zamknięte.",
	    { "Rowery na dziedzińcu nie są dozwolone.",
		"Legitymacja jest konieczna.", "W środę jest nieczynne." },
	    { "Rowery na dziedzińcu są dozwolone.",
		"Legitymacja nie jest wymagana.", "Tak, wypożyczamy łyżwy.",
		"W środę jest czynne." } },
	{ "tr",
	    "Avluda bisiklet yasaktır. Kimlik zorunludur. Paten kiralamıyoruz. Çarşamba günü kapalıyız.",
	    { "Avluda bisiklet serbest değildir.", "Kimlik gereklidir.",
		"Çarşamba günü açık değiliz." },
	    { "Avluda bisiklet serbesttir.", "Kimlik zorunlu değildir.",
		"Çarşamba günü açığız." } },
	{ "id",
	    "Sepeda dilarang di halaman. Kartu anggota wajib dibawa. Kami tidak menyewakan sepatu roda. Hari Rabu tutup.",
	    { "Sepeda tidak diperbolehkan di halaman.",
		"Kartu anggota harus dibawa.", "Hari Rabu tidak buka." },
	    { "Sepeda diperbolehkan di halaman.",
		"Kartu anggota tidak wajib dibawa.",
		"Ya, kami menyewakan sepatu roda.", "Hari Rabu buka." } },
	{ "ar",
	    "الدراجات ممنوعة في الساحة. البطاقة إلزامية. لا نؤجر الزلاجات. المكتب مغلق يوم الأربعاء.",
	    { "الدراجات غير مسموحة في الساحة.", "البطاقة ضرورية.",
		"يوم الأربعاء المكتب ليس مفتوحًا." },
	    { "الدراجات مسموحة في الساحة.", "البطاقة اختيارية.",
		"نعم، نؤجر الزلاجات.", "المكتب مفتوح يوم الأربعاء." } },
	{ "hi",
	    "आँगन में साइकिल मना है। पहचान पत्र अनिवार्य है। हम स्केट्स किराए पर नहीं देते। बुधवार को बंद रहता है।",
	    { "आँगन में साइकिल की अनुमति नहीं है।", "पहचान पत्र ज़रूरी है।" },
	    { "आँगन में साइकिल की अनुमति है।", "पहचान पत्र ज़रूरी नहीं है।",
		"हाँ, हम स्केट्स किराए पर देते हैं।", "बुधवार को खुला रहता है।" } },
	{ "zh",
	    "院子里禁止骑自行车。必须出示会员证。我们不出租溜冰鞋。星期三不营业。",
	    { "院子里不允许骑自行车。", "需要出示会员证。", "星期三休息。" },
	    { "院子里可以骑自行车。", "不需要出示会员证。", "我们出租溜冰鞋。",
		"星期三营业。" } },
	{ "en",
	    "Photos are allowed without a flash. The locker room is closed "
	    "after 18:30.",
	    { "The locker room is open until 18:30.",
		"Photos without a flash are allowed." },
	    { "Photos are not allowed." } },
	/* What holds of a part is no contrary of the whole. */
	{ "en",
	    "Gift cards are valid for 3 years and cannot be exchanged for "
	    "cash. Your data stays on the device.",
	    { "Gift cards can't be exchanged for cash, but they stay valid "
	      "for 3 years.",
		"Your data will not be touched." },
	    { NULL } },
	{ "fr", "L'abonnement est sans engagement.",
	    { "Il n'y a aucun engagement." }, { NULL } },
};

static void
what_is_flipped(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(flips); i++) {
		source.text = flips[i].passage;
		in.language = flips[i].language;
		bad += count_wrong(&in, flips[i].same, true);
		bad += count_wrong(&in, flips[i].contrary, false);
	}
	assert_int_equal(bad, 0);
}

/* Acts told as done where a passage has but the rule. */
static const struct {
	const char *language, *passage;
	const char *same[12], *contrary[8];
} acts[] = {
	{ "en",
	    "Bookings can be moved up to two days before. Members are put on the waiting list if they write to us. Damage is reported to the insurer. Breakfast is included. We are in Mill Road now. Luggage is carried to the room. Lost cards are blocked when you call.",
	    { "Bookings can be moved up to two days before.",
		"You can move your booking up to two days before.",
		"If you have moved your booking, the new time holds.",
		"We put members on the waiting list if they write to us.",
		"Your breakfast is included.", "We are in Mill Road now.",
		"I've understood your question: breakfast is included.",
		"If you have lost your card, call us and it is blocked.",
		"Breakfast included." },
	    { "We have moved your booking.",
		"I've put your name on the waiting list and you're added.",
		"Consider it moved.", "Booking cancelled.", "Done, booked!" } },
	{ "de",
	    "Buchungen lassen sich bis zwei Tage vorher verlegen. Auf die Warteliste kommt, wer uns schreibt. Das Frühstück ist inbegriffen. Auf die Warteliste kommt, wer uns schreibt. Wir haben montags geschlossen. Das Gepäck wird ins Zimmer gebracht.",
	    { "Sie können Ihre Buchung bis zwei Tage vorher verlegen.",
		"Wenn Sie uns schreiben, kommen Sie auf die Warteliste.",
		"Ihr Frühstück ist inbegriffen.",
		"Wir haben montags geschlossen.",
		"Ich habe Ihre Frage verstanden. Das Frühstück ist inbegriffen.",
		"Ihr Gepäck wird ins Zimmer gebracht." },
	    { "Ich habe Ihre Buchung verlegt.", "Ihre Buchung wurde verlegt.",
		"Wir haben Ihre Buchung auf die Warteliste gesetzt.",
		"Buchung verschoben.", "Ihre Buchung ist abgesagt." } },
	{ "fr",
	    "Les réservations peuvent être reportées jusqu'à deux jours avant. Les dégâts sont signalés à l'assurance. Le petit déjeuner est compris. Les chiens sont acceptés.",
	    { "Vous pouvez reporter votre réservation jusqu'à deux jours avant.",
		"Votre petit déjeuner est compris.",
		"J'ai bien compris votre question: le petit déjeuner est compris.",
		"Chiens acceptés." },
	    { "J'ai reporté votre réservation.",
		"Nous avons signalé vos dégâts à l'assurance.",
		"Votre réservation est reportée.", "Réservation annulée." } },
	{ "es",
	    "Las reservas se pueden aplazar hasta dos días antes. Los daños se comunican al seguro. El desayuno está incluido. Las tarjetas perdidas se bloquean al llamar.",
	    { "Puede aplazar su reserva hasta dos días antes.",
		"Los daños se comunican al seguro.",
		"Su desayuno está incluido.",
		"Si ha perdido su tarjeta, llámenos.",
		"He entendido su pregunta: el desayuno está incluido.",
		"Desayuno incluido." },
	    { "He aplazado su reserva.", "Aplacé su reserva.",
		"Su reserva ha sido aplazada.", "Reserva aplazada.",
		"Hemos comunicado sus daños al seguro.",
		"Acabamos de cancelar su reserva." } },
	{ "it",
	    "Le prenotazioni si possono spostare fino a due giorni prima. I danni si segnalano all'assicurazione. La colazione è inclusa. I cani sono ammessi.",
	    { "Può spostare la sua prenotazione fino a due giorni prima.",
		"La sua colazione è inclusa.",
		"Ho capito la sua domanda: la colazione è inclusa.",
		"Il suo cane è ammesso." },
	    { "Ho spostato la sua prenotazione.",
		"Abbiamo segnalato i suoi danni all'assicurazione.",
		"La sua prenotazione è stata spostata.",
		"Prenotazione spostata." } },
	{ "nl",
	    "Boekingen kunnen tot twee dagen ervoor worden verplaatst. Schade melden wij bij de verzekering. Het ontbijt is inbegrepen. Honden zijn toegestaan.",
	    { "U kunt uw boeking tot twee dagen ervoor verplaatsen.",
		"Uw ontbijt is inbegrepen.",
		"Ik heb uw vraag begrepen: het ontbijt is inbegrepen.",
		"Uw hond is toegestaan." },
	    { "Ik heb uw boeking verplaatst.", "Uw boeking is verplaatst.",
		"We hebben uw schade bij de verzekering gemeld." } },
	{ "pt",
	    "As reservas podem ser adiadas até dois dias antes. Os danos são comunicados ao seguro. O pequeno-almoço está incluído. Os cães são permitidos.",
	    { "Pode adiar a sua reserva até dois dias antes.",
		"O seu pequeno-almoço está incluído.",
		"Percebi a sua pergunta: o pequeno-almoço está incluído.",
		"O seu cão é permitido.", "Pequeno-almoço incluído." },
	    { "Adiei a sua reserva.", "A sua reserva foi adiada.",
		"Já comunicámos os seus danos, a sua reserva foi alterada.",
		"Reserva adiada." } },
	{ "pl",
	    "Rezerwację można przełożyć do dwóch dni wcześniej. Szkody zgłaszamy do ubezpieczyciela. Śniadanie jest wliczone. Psy są dozwolone.",
	    { "Swoją rezerwację można przełożyć do dwóch dni wcześniej.",
		"Państwa śniadanie jest wliczone.",
		"Zrozumiałem pana pytanie: śniadanie jest wliczone." },
	    { "Przełożyłam państwa rezerwację.",
		"Państwa rezerwacja została przełożona.",
		"Zgłosiliśmy pana szkodę." } },
	{ "tr",
	    "Rezervasyonlar iki gün öncesine kadar ertelenebilir. Hasarlar sigortaya bildirilir. Kahvaltı dahildir. Köpekler serbesttir.",
	    { "Rezervasyonunuz iki gün öncesine kadar ertelenebilir.",
		"Kahvaltınız dahildir.",
		"Sorunuzu anladım: kahvaltı dahildir." },
	    { "Rezervasyonunuzu erteledim.", "Rezervasyonunuz ertelendi.",
		"Hasarınızı sigortaya bildirdik." } },
	{ "id", "Pesanan dapat dipindahkan sampai dua hari sebelumnya.",
	    { "Pesanan Anda dapat dipindahkan sampai dua hari sebelumnya." },
	    { "Pesanan Anda sudah dipindahkan.",
		"Kami sudah memindahkan pesanan Anda." } },
	{ "ar", "يمكن تأجيل الحجز حتى يومين قبل الموعد.",
	    { "يمكنك تأجيل الحجز حتى يومين قبل الموعد." },
	    { "لقد أجلنا حجزك.", "تم إلغاء حجزك." } },
};

static void
rules_are_no_acts(void **state)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(acts); i++) {
		source.text = acts[i].passage;
		in.language = acts[i].language;
		bad += count_wrong(&in, acts[i].same, true);
		bad += count_wrong(&in, acts[i].contrary, false);
	}
	assert_int_equal(bad, 0);
}

/* What may be sent of a passage, and what may not. */
struct said_of {
	const char *language, *passage;
	const char *same[8], *contrary[8];
};

/* What holds of some, is charged, or is a bound, told as more. */
static const struct said_of wides[] = {
	{ "en",
	    "Rooms on the top floor have a terrace. Members may use the sauna. The workshop is open in summer only. A double is 90 euros, breakfast is 12 euros extra. Group lessons are held on Mondays. A repair takes up to 3 weeks.",
	    { "Rooms on the top floor have a terrace.",
		"Members may use the sauna.",
		"The workshop is open only in summer.",
		"A repair takes at most 3 weeks.",
		"All rooms on the top floor have a terrace." },
	    { "All rooms have a terrace.", "Everybody may use the sauna.",
		"The workshop is open all year.",
		"A double is 90 euros including breakfast.",
		"A repair takes at least 3 weeks." } },
	{ "de",
	    "Zimmer im Dachgeschoss haben eine Terrasse. Nur Mitglieder dürfen in die Sauna. Ein Doppelzimmer kostet 90 Euro, das Frühstück kostet 12 Euro extra. Eine Reparatur dauert bis zu 3 Wochen.",
	    { "Zimmer im Dachgeschoss haben eine Terrasse.",
		"Eine Reparatur dauert höchstens 3 Wochen." },
	    { "Alle Zimmer haben eine Terrasse.", "Alle dürfen in die Sauna.",
		"Ein Doppelzimmer kostet 90 Euro inklusive Frühstück.",
		"Eine Reparatur dauert mindestens 3 Wochen.",
		"Jeder Gast darf in die Sauna." } },
	{ "es",
	    "Las habitaciones del ático tienen terraza. Solo los socios pueden usar la sauna. Una doble cuesta 90 euros, el desayuno cuesta 12 euros aparte. Una reparación tarda hasta 3 semanas.",
	    { "Las habitaciones del ático tienen terraza.",
		"Una reparación tarda como máximo 3 semanas." },
	    { "Todas las habitaciones tienen terraza.",
		"Todos pueden usar la sauna.",
		"Una doble cuesta 90 euros con desayuno incluido.",
		"Una reparación tarda al menos 3 semanas.",
		"Todos los clientes pueden usar la sauna." } },
	{ "fr",
	    "Les chambres du dernier étage ont une terrasse. Seuls les membres peuvent utiliser le sauna. Une double coûte 90 euros, le petit déjeuner coûte 12 euros en plus. Une réparation prend jusqu'à 3 semaines.",
	    { "Les chambres du dernier étage ont une terrasse.",
		"Une réparation prend au plus 3 semaines." },
	    { "Toutes les chambres ont une terrasse.",
		"Tout le monde peut utiliser le sauna.",
		"Une double coûte 90 euros, petit déjeuner compris.",
		"Une réparation prend au moins 3 semaines.",
		"Tous les clients peuvent utiliser le sauna." } },
	{ "it",
	    "Le camere all'ultimo piano hanno una terrazza. Solo i soci possono usare la sauna. Una doppia costa 90 euro, la colazione costa 12 euro in più. Una riparazione dura fino a 3 settimane.",
	    { "Le camere all'ultimo piano hanno una terrazza.",
		"Una riparazione dura al massimo 3 settimane." },
	    { "Tutte le camere hanno una terrazza.",
		"Tutti possono usare la sauna.",
		"Una doppia costa 90 euro colazione inclusa.",
		"Una riparazione dura almeno 3 settimane." } },
	{ "nl",
	    "Kamers op de bovenste verdieping hebben een terras. Alleen leden mogen in de sauna. Een tweepersoonskamer kost 90 euro, het ontbijt kost 12 euro extra. Een reparatie duurt hoogstens 3 weken.",
	    { "Kamers op de bovenste verdieping hebben een terras.",
		"Een reparatie duurt maximaal 3 weken." },
	    { "Alle kamers hebben een terras.", "Iedereen mag in de sauna.",
		"Een tweepersoonskamer kost 90 euro inclusief ontbijt.",
		"Een reparatie duurt minstens 3 weken." } },
	{ "pt",
	    "Os quartos do último andar têm terraço. Só os sócios podem usar a sauna. Um duplo custa 90 euros, o pequeno-almoço custa 12 euros à parte. Uma reparação demora até 3 semanas.",
	    { "Os quartos do último andar têm terraço.",
		"Uma reparação demora no máximo 3 semanas." },
	    { "Todos podem usar a sauna.",
		"Um duplo custa 90 euros com pequeno-almoço incluído.",
		"Uma reparação demora pelo menos 3 semanas." } },
	{ "pl",
	    "Pokoje na ostatnim piętrze mają taras. Tylko członkowie mogą korzystać z sauny. Pokój kosztuje 90 euro, śniadanie kosztuje dodatkowo 12 euro. Naprawa trwa do 3 tygodni.",
	    { "Pokoje na ostatnim piętrze mają taras.",
		"Naprawa trwa najwyżej 3 tygodnie." },
	    { "Wszystkie pokoje mają taras.", "Wszyscy mogą korzystać z sauny.",
		"Pokój kosztuje 90 euro ze śniadaniem w cenie.",
		"Naprawa trwa co najmniej 3 tygodnie." } },
	{ "tr",
	    "En üst kattaki odaların terası vardır. Saunayı sadece üyeler kullanabilir. Oda 90 eurodur, kahvaltı ayrıca 12 eurodur. Onarım en fazla 3 hafta sürer.",
	    { "En üst kattaki odaların terası vardır.",
		"Onarım en çok 3 hafta sürer." },
	    { "Bütün odaların terası vardır.", "Saunayı herkes kullanabilir.",
		"Onarım en az 3 hafta sürer." } },
	{ "id",
	    "Kamar di lantai atas punya teras. Hanya anggota boleh memakai sauna. Kamar seharga 90 euro, sarapan ditambah 12 euro. Perbaikan paling lama 3 minggu.",
	    { "Kamar di lantai atas punya teras." },
	    { "Semua kamar punya teras.", "Semua orang boleh memakai sauna.",
		"Kamar seharga 90 euro termasuk sarapan.",
		"Perbaikan paling cepat 3 minggu." } },
	{ "hi",
	    "ऊपरी मंज़िल के कमरों में छत है। केवल सदस्य सौना इस्तेमाल कर सकते हैं। कमरा 90 यूरो का है, नाश्ता 12 यूरो अलग से है।",
	    { "ऊपरी मंज़िल के कमरों में छत है।" },
	    { "सभी कमरों में छत है।", "सभी लोग सौना इस्तेमाल कर सकते हैं।",
		"कमरा 90 यूरो का है, नाश्ता शामिल है।" } },
	{ "ar",
	    "غرف الطابق الأخير لها شرفة. يمكن للأعضاء فقط استخدام الساونا. الغرفة بسعر 90 يورو، والإفطار بسعر 12 يورو إضافية.",
	    { "غرف الطابق الأخير لها شرفة." },
	    { "كل الغرف لها شرفة.", "يمكن للجميع استخدام الساونا." } },
	{ "zh",
	    "顶楼的房间有阳台。只有会员可以使用桑拿。双人间90元，早餐另收12元。维修最多需要3周。",
	    { "顶楼的房间有阳台。", "双人间90元，早餐12元。" },
	    { "所有人都可以使用桑拿。", "双人间90元，含早餐。",
		"维修至少需要3周。" } },
	{ "en",
	    "A kayak costs 20 euros an hour, a canoe costs 28 euros an hour. The small tent weighs 2 kg, the family tent weighs 6 kg.",
	    { "A canoe costs more than a kayak.",
		"A kayak is cheaper than a canoe.",
		"The family tent is heavier than the small tent." },
	    { "A kayak costs more than a canoe.",
		"A canoe is cheaper than a kayak." } },
	{ "de",
	    "Ein Kajak kostet 20 Euro je Stunde, ein Kanu kostet 28 Euro je Stunde. Comics leihen wir 1 Woche aus, Romane 4 Wochen.",
	    { "Ein Kanu kostet mehr als ein Kajak.",
		"Romane dürfen Sie länger ausleihen als Comics." },
	    { "Ein Kajak kostet mehr als ein Kanu.",
		"Ein Kanu ist billiger als ein Kajak.",
		"Comics dürfen Sie länger ausleihen als Romane." } },
	{ "es",
	    "Un kayak cuesta 20 euros por hora, una canoa cuesta 28 euros por hora.",
	    { "Una canoa es más cara que un kayak." },
	    { "Un kayak es más caro que una canoa.",
		"Una canoa es más barata que un kayak." } },
	{ "fr",
	    "Un kayak coûte 20 euros par heure, un canoë coûte 28 euros par heure.",
	    { "Un canoë est plus cher qu'un kayak." },
	    { "Un kayak est plus cher qu'un canoë." } },
	{ "it",
	    "Un kayak costa 20 euro all'ora, una canoa costa 28 euro all'ora.",
	    { "Una canoa costa più di un kayak." },
	    { "Un kayak costa più di una canoa." } },
	{ "nl",
	    "Een kajak kost 20 euro per uur, een kano kost 28 euro per uur.",
	    { "Een kano is duurder dan een kajak." },
	    { "Een kajak is duurder dan een kano." } },
	{ "pt",
	    "Um caiaque custa 20 euros por hora, uma canoa custa 28 euros por hora.",
	    { "Uma canoa é mais cara que um caiaque." },
	    { "Um caiaque é mais caro que uma canoa." } },
	/* A bound before something is the other one after it. */
	{ "en",
	    "Tables can be released until 2 days before. Rooms are bright and "
	    "have a desk.",
	    { "Release your table at least 2 days before.",
		"All rooms have a desk." },
	    { NULL } },
};

/* How many of a table are taken for the other: of the first list held, of the
 * second sent. */
static size_t
count_all_wrong(const struct said_of *all, size_t n)
{
	struct ground_source source = { "Help", NULL, NULL };
	struct ground_input in = { .source = &source, .nsources = 1 };
	size_t i, bad = 0;

	for (i = 0; i < n; i++) {
		source.text = all[i].passage;
		in.language = all[i].language;
		bad += count_wrong(&in, all[i].same, true);
		bad += count_wrong(&in, all[i].contrary, false);
	}
	return bad;
}

static void
some_is_not_all(void **state)
{
	(void)state;
	assert_int_equal(count_all_wrong(wides, COUNT(wides)), 0);
}

/* --- on which days --- */

static const struct said_of days_told[] = {
	{ "en",
	    "We are open Tuesday to Friday from 9:30 to 18:00, Saturday from "
	    "10:00 to 14:00. On Sundays and Mondays we are closed.",
	    { "We open again on Wednesday at 9:30.",
		"Sorry, Monday is our day off.",
		"We are open every day except Sundays and Mondays.",
		"On Saturdays we shut at 14:00.",
		"We are always there for you from Tuesday to Friday." },
	    { "We are open every day from 9:30 to 18:00.", "We are open daily.",
		"On Mondays we are open.", "On Wednesdays we are closed.",
		"We are closed only on Sundays.",
		"We are open every day except Sundays." } },
	{ "de",
	    "Geöffnet ist von Mittwoch bis Sonntag von 10 bis 19 Uhr, montags "
	    "und dienstags ist Ruhetag.",
	    { "Am Montag haben wir leider zu.",
		"Ab Mittwoch haben wir ab 10 "
		"Uhr wieder offen." },
	    { "Wir haben jeden Tag von 10 bis 19 Uhr offen.",
		"Nur montags haben wir geschlossen.",
		"Am Donnerstag haben wir zu." } },
	{ "es",
	    "Abrimos de martes a sábado de 10:00 a 20:00; domingos y lunes "
	    "cerramos.",
	    { "Abrimos otra vez el martes a las 10:00." },
	    { "Abrimos todos los días de 10:00 a 20:00.",
		"Solo cerramos los domingos.", "El lunes abrimos." } },
	{ "fr",
	    "La boutique est ouverte du mardi au dimanche de 9 h à 19 h, "
	    "fermée le lundi.",
	    { "Nous rouvrons mardi à 9 h.",
		"Nous sommes ouverts tous les jours sauf le lundi." },
	    { "Nous sommes ouverts tous les jours de 9 h à 19 h.",
		"Nous sommes ouverts tous les jours sauf le mercredi.",
		"Nous sommes fermés seulement le lundi et le dimanche." } },
	{ "pt",
	    "Abrimos de terça a domingo das 10:00 às 18:00. À segunda estamos "
	    "fechados.",
	    { "Reabrimos na terça às 10:00." },
	    { "Abrimos todos os dias das 10:00 às 18:00.",
		"Só estamos fechados à segunda e à terça." } },
	{ "ar", "نعمل من السبت إلى الخميس من 9:00 إلى 21:00، ويوم الجمعة مغلق.",
	    { "نعود يوم السبت الساعة 9:00." },
	    { "نعمل كل يوم من 9:00 إلى 21:00." } },
	{ "hi",
	    "दुकान मंगलवार से रविवार 10:00 से 19:00 तक खुली है। सोमवार को दुकान बंद रहती है।",
	    { "दुकान मंगलवार को 10:00 से खुली है।" },
	    { "दुकान हर दिन 10:00 से 19:00 तक खुली है।" } },
	{ "zh", "周二至周日10:00至19:00营业,周一休息。",
	    { "周二10:00再开门。" }, { "我们每天10:00至19:00营业。" } },
	{ "id",
	    "Kami buka Senin sampai Sabtu pukul 08.00 sampai 20.00. Hari Minggu "
	    "kami tutup.",
	    { "Senin kami buka lagi pukul 08.00." },
	    { "Kami buka setiap hari pukul 08.00 sampai 20.00." } },
	/* The hours of some days are not those of every day. */
	{ "en",
	    "The hall is open Monday to Friday from 10:00 to 22:30, on "
	    "Saturdays and Sundays from 9:00 to 20:00.",
	    { "We are open every day.",
		"On Sundays we are open only until 20:00.",
		"On Wednesdays we close at 22:30." },
	    { "We are open every day from 10:00 to 22:30." } },
	/* "But" for "except", behind "every day" */
	{ "en",
	    "The desk is open daily from 8:00 to 20:00, except on Wednesdays. "
	    "The pool is open on Fridays from 17:00 to 22:00.",
	    { "Every day but Wednesday, 8 am to 8 pm.",
		"Every day but Wednesday, from 8:00 to 20:00." },
	    { "Every day but Friday, from 8:00 to 20:00.",
		"Every day from 8:00 to 20:00." } },
	/* "All courses begin at 9" tells nothing of days. */
	{ "es",
	    "Abrimos de martes a sábado. Todos los cursos empiezan a las 10:00.",
	    { "Todos los cursos empiezan a las 10:00." }, { NULL } },
};

static void
days_of_the_week(void **state)
{
	(void)state;
	assert_int_equal(count_all_wrong(days_told, COUNT(days_told)), 0);
}

/* The hours of another shop, in another language, are not of this one. */
static void
days_of_two_shops(void **state)
{
	static const struct ground_source sources[] = {
		{ "Taller", NULL,
		    "El taller abre de lunes a viernes de 9:00 a 18:00. Los "
		    "domingos está cerrado." },
		{ "Cinema", NULL,
		    "The cinema is open on Saturdays and Sundays from 17:00 to "
		    "22:00." },
	};
	static const struct ground_input in = { .source = sources,
		.nsources = COUNT(sources),
		.language = "es" };
	static const char *const same[] = { "El domingo está cerrado.", NULL };
	static const char *const contrary[] = {
		"Sí, el domingo abrimos de 17:00 a 22:00.",
		"Sí, el taller abre el domingo.", NULL
	};

	(void)state;
	assert_int_equal(count_wrong(&in, same, true), 0);
	assert_int_equal(count_wrong(&in, contrary, false), 0);
}

/* --- of which of several things --- */

static const struct said_of heads[] = {
	/* Told apart by a number. */
	{ "en",
	    "A gift box for three people costs 27 euros. A gift box for six "
	    "people costs 49 euros. The whisky aged 10 years costs 55 euros, "
	    "the whisky aged 18 years 90 euros.",
	    { "The gift box for six people is 49 euros.",
		"The whisky aged 18 years is 90 euros." },
	    { "The gift box for six people is 27 euros.",
		"The whisky aged 18 years is 55 euros." } },
	{ "fr",
	    "La corbeille pour quatre personnes coûte 32 euros. La corbeille "
	    "pour huit personnes coûte 58 euros.",
	    { "La corbeille pour huit personnes est à 58 €." },
	    { "La corbeille pour huit personnes est à 32 €." } },
	{ "en",
	    "A camera costs 20 euros a day, an action camera 12 euros a day "
	    "and a video camera 45 euros a day. A tripod is 5 euros a day. The "
	    "deposit is 200 euros for a video camera and 100 euros for a "
	    "camera. A bag is free.",
	    { "An action camera costs 12 euros a day.",
		"The deposit for a video camera is 200 euros.",
		"The video camera is 45 euros a day and the tripod 5 euros." },
	    { "A camera costs 12 euros a day.",
		"A video camera costs 20 euros a day.",
		"The deposit for a bag is 100 euros.",
		"The deposit for a tripod is 200 euros.",
		"The deposit for a camera is 45 euros." } },
	{ "en",
	    "An e-bike costs 35 euros a day, a bike 18 euros a day. Locks cost "
	    "3 euros. A T-shirt is 20 euros, a sweatshirt 40 euros.",
	    { "An e-bike is 35 euros a day.", "A bike is 18 euros a day.",
		"A T-shirt costs 20 euros." },
	    { "An e-bike is 18 euros a day.", "A bike is 35 euros a day.",
		"A T-shirt costs 40 euros." } },
	{ "de",
	    "Ein Ruderboot kostet 14 Euro in der Stunde, ein Tretboot 16 Euro. "
	    "Ein Elektroboot kostet 28 Euro in der Stunde. Die Kaution für ein "
	    "Elektroboot beträgt 80 Euro.",
	    { "Die Kaution für ein Elektroboot beträgt 80 Euro.",
		"Ein Elektroboot kostet 28 Euro in der Stunde." },
	    { "Die Kaution für ein Tretboot beträgt 80 Euro.",
		"Ein Elektroboot kostet 80 Euro in der Stunde." } },
	{ "de",
	    "Lesungen kosten 8 Euro Eintritt, für Schüler 5 Euro. Ein Gutschein "
	    "ist drei Jahre gültig. Umtausch ist innerhalb von 14 Tagen "
	    "möglich. Der Versand kostet 3,50 Euro, ab 30 Euro ist er "
	    "kostenlos. Hörbücher sind vom Umtausch ausgeschlossen.",
	    { "Ab 30 Euro zahlen Sie keinen Versand.",
		"Hörbücher können wir leider nicht umtauschen." },
	    { "Der Versand kostet 8 Euro.",
		"Hörbücher können Sie umtauschen." } },
	{ "es",
	    "Alquilar una tabla de surf cuesta 18 euros al día, una tabla de "
	    "paddle surf 30 euros al día. La fianza de la tabla de paddle surf "
	    "es de 100 euros.",
	    { "La tabla de paddle surf cuesta 30 euros al día." },
	    { "La tabla de surf cuesta 30 euros al día.",
		"La fianza de la tabla de surf es de 100 euros." } },
	{ "fr",
	    "L'atelier couronne coûte 48 euros. L'atelier bouquet coûte 35 "
	    "euros. L'acompte pour l'atelier couronne est de 20 euros.",
	    { "L'acompte pour l'atelier couronne est de 20 euros." },
	    { "L'atelier couronne coûte 20 euros.",
		"L'acompte pour l'atelier bouquet est de 20 euros." } },
	{ "pt",
	    "O aluguer de um caiaque custa 12 euros por hora, de um caiaque "
	    "duplo 20 euros por hora. A caução do caiaque duplo é de 50 euros.",
	    { "Um caiaque duplo custa 20 euros por hora." },
	    { "Um caiaque custa 20 euros por hora.",
		"O caiaque duplo custa 50 euros." } },
	{ "ar",
	    "إيجار السيارة الصغيرة 120 درهماً في اليوم، والسيارة العائلية 200 "
	    "درهم في اليوم. عربون السيارة العائلية 500 درهم.",
	    { "عربون السيارة العائلية 500 درهم." },
	    { "عربون السيارة الصغيرة 500 درهم." } },
	{ "id",
	    "Sewa skuter 80.000 rupiah per hari, sewa motor sport 150.000 "
	    "rupiah per hari. Jaminan untuk motor sport 500.000 rupiah.",
	    { "Jaminan untuk motor sport 500.000 rupiah." },
	    { "Jaminan untuk skuter 500.000 rupiah." } },
};

static void
heads_of_numbers(void **state)
{
	(void)state;
	assert_int_equal(count_all_wrong(heads, COUNT(heads)), 0);
}

/* --- what no passage sets, includes or does --- */

static const struct {
	const char *language, *passage, *asked;
	const char *same[5], *contrary[5];
} terms_set[] = {
	/* A part of it has days of its own. */
	{ "en",
	    "The museum is open Monday to Friday from 10:00 to 18:00. The tower "
	    "is open on Thursdays and Sundays.",
	    "Can we come on Monday or Thursday?",
	    { "On Thursdays the tower is open.",
		"On Mondays the museum is open." },
	    { "Yes, the tower is open on Mondays." } },
	{ "de",
	    "Das Bad ist montags bis freitags geöffnet. Das Dampfbad ist "
	    "dienstags und freitags geöffnet. Samstags ist es auch geöffnet.",
	    "Ist das Dampfbad am Montag oder am Samstag geöffnet?",
	    { "Ja, am Samstag ist das Dampfbad geöffnet." },
	    { "Ja, am Montag ist das Dampfbad geöffnet." } },
	/* A month out of the season. */
	{ "en",
	    "The ferry is open from 1 April to 15 October. In December we paint "
	    "the boats.",
	    "Are you open in June or in November?",
	    { "Yes, we are open in June.",
		"We are open from 1 April to 15 October." },
	    { "Yes, we are open in November too.", "We are open all year." } },
	{ "fr", "Le parc est ouvert du 15 novembre au 20 mars.",
	    "Le parc est-il ouvert en janvier ou en juillet ?",
	    { "Oui, le parc est ouvert en janvier." },
	    { "Oui, le parc est ouvert en juillet." } },
	{ "en",
	    "Children under 8 may only skate with an adult. A helmet is free. "
	    "We sharpen ice skates within 2 days. We do not sharpen hockey "
	    "blades. If you cancel 2 days before, we pay back the deposit. A "
	    "letter of the school is kept at the desk.",
	    "Can my 6 year old skate alone?",
	    { "No, children under 8 may only skate with an adult.",
		"If your child is with an adult, they may skate.",
		"You may skate if you like." },
	    { "Yes, if they wear a helmet.",
		"Yes, with a letter of the school they can.",
		"Yes, hockey blades take 2 days.",
		"We sharpen ice skates within 2 days and lend you a pair." } },
	{ "en", "Children under 14 years may not ride an e-bike.",
	    "My son is 12, may he ride one?",
	    { "I'm afraid not, with 12 years he is too young for an e-bike." },
	    { "Yes, with 12 years he may ride an e-bike." } },
	{ "en",
	    "A pirate costume costs 18 euros. A wig costs 5 euros. Cleaning is "
	    "included. The hire comes with a bag.",
	    "What does it cost?",
	    { "A pirate costume costs 18 euros, cleaning included.",
		"A pirate costume costs 18 euros including a bag." },
	    { "A pirate costume costs 18 euros including a wig." } },
	{ "de",
	    "Hunde dürfen nicht ins Boot. Eine Leine bekommen Sie an der Kasse. "
	    "Ein Tretboot kostet 16 Euro in der Stunde. Ein Sonnensegel kostet "
	    "6 Euro.",
	    "Darf mein Hund ins Boot?",
	    { "Nein, Hunde dürfen nicht ins Boot.",
		"Ein Tretboot kostet 16 Euro in der Stunde." },
	    { "Ja, wenn er an der Leine ist.",
		"Ein Tretboot kostet 16 Euro in der Stunde inklusive "
		"Sonnensegel." } },
	{ "es",
	    "El curso cuesta 45 euros. El delantal está incluido; las bebidas se "
	    "pagan aparte. No hacemos cursos de sushi.",
	    "¿Hay cursos de sushi?",
	    { "El curso cuesta 45 euros con delantal incluido.",
		"No, de sushi no hacemos cursos." },
	    { "El curso cuesta 45 euros con bebidas incluidas.",
		"Sí, el curso de sushi cuesta 45 euros." } },
	{ "fr",
	    "L'atelier coûte 35 euros. Les fleurs sont comprises. Un vase coûte "
	    "12 euros. Nous ne réparons pas les fixations.",
	    "Vous réparez les fixations ?",
	    { "L'atelier coûte 35 euros, fleurs comprises." },
	    { "L'atelier coûte 35 euros, vase compris.",
		"Oui, les fixations coûtent 12 euros." } },
	{ "pt",
	    "Lavar um tapete custa 22 euros. A entrega custa 5 euros. O saco é "
	    "gratuito. Não lavamos casacos.",
	    "Lavam casacos?", { "Lavar um tapete custa 22 euros." },
	    { "Lavar um tapete custa 22 euros com entrega incluída.",
		"Sim, um casaco custa 22 euros." } },
};

/* What is true of another thing, day or notice than was asked about. */
static const struct {
	const char *language, *passage, *asked;
	const char *same[4], *contrary[4];
} things_asked[] = {
	{ "en",
	    "A rose bush costs 17 euros. A lavender costs 6 euros. A watering "
	    "can costs 13 euros. The nursery is open from 8:00 to 18:30. The "
	    "teahouse is open from 11:00 to 16:00. We plant hedges for 30 euros "
	    "a metre.",
	    "How much is a rose bush, and when is the teahouse open?",
	    { "A rose bush costs 17 euros.", "It is 17 euros.",
		"A rose bush costs 17 euros, a lavender costs 6 euros." },
	    { "A lavender costs 6 euros.",
		"The nursery is open from 8:00 to 18:30." } },
	/* A day and a month that the question alone names. */
	{ "en",
	    "The mill is open Wednesday to Sunday from 10:00 to 16:00. On "
	    "Mondays and Tuesdays it is closed.",
	    "Is the mill open on Tuesday?",
	    { "The mill is open Wednesday to Sunday from 10:00 to 16:00.",
		"On Tuesdays it is closed." },
	    { "Yes, the mill is open.",
		"Yes, we are open from 10:00 to 16:00." } },
	{ "en",
	    "The mill is open Wednesday to Sunday from 10:00 to 16:00. On "
	    "Mondays and Tuesdays it is closed.",
	    "Is the mill open on Friday?",
	    { "Yes, the mill is open.",
		"Yes, we are open from 10:00 to 16:00." },
	    { NULL } },
	{ "es", "El mirador abre del 1 de marzo al 30 de noviembre.",
	    "¿El mirador abre en enero?",
	    { "El mirador abre del 1 de marzo al 30 de noviembre." },
	    { "Sí, el mirador está abierto." } },
	/* Less time before than it takes. */
	{ "en",
	    "Cancelling a tour is free of charge up to 10 days before it "
	    "begins. After that you pay half of the price.",
	    "What do I pay if I cancel the tour 4 days before?",
	    { "Then you pay half of the price.",
		"It is free of charge up to 10 days before the tour begins." },
	    { "Nothing: cancelling is free of charge.",
		"Cancelling a tour is free of charge." } },
	{ "en",
	    "Cancelling a tour is free of charge up to 10 days before it "
	    "begins. After that you pay half of the price.",
	    "What do I pay if I cancel the tour 3 weeks before?",
	    { "Cancelling a tour is free of charge." }, { NULL } },
	{ "es",
	    "Se puede cambiar una reserva avisando 48 horas antes. Los perros "
	    "pueden entrar.",
	    "¿Puedo cambiar la reserva tres horas antes?",
	    { "Hay que avisar 48 horas antes." },
	    { "Sí, puede cambiar la reserva.",
		"Sí, puede cambiar la reserva tres horas antes." } },
	{ "de",
	    "Die Stornierung eines Kurses ist bis 7 Tage vorher kostenlos. "
	    "Danach kostet sie 20 Euro.",
	    "Was kostet die Stornierung 2 Tage vorher?",
	    { "Bis 7 Tage vorher ist die Stornierung kostenlos." },
	    { "Die Stornierung ist kostenlos." } },
	/* A kind of what was asked about. */
	{ "de",
	    "Ein Malkurs kostet 80 Euro. Ein Kurs für Kinder kostet 45 Euro.",
	    "Was kostet der Kurs?", { "Der Malkurs kostet 80 Euro." },
	    { NULL } },
	{ "de",
	    "Ein Ruderboot kostet 15 Euro. Ein Tretboot kostet 19 Euro. Ein "
	    "Schlauchboot kostet 11 Euro.",
	    "Was kostet ein Tretboot?",
	    { "Ein Tretboot kostet 19 Euro.",
		"Gern! Ein Tretboot ist für 19 Euro zu haben." },
	    { "Ein Ruderboot kostet 15 Euro.",
		"Gern! Ein Schlauchboot kostet 11 Euro." } },
	{ "es",
	    "Una tortilla cuesta 9 euros. Una ensalada cuesta 7 euros. Una "
	    "paella cuesta 16 euros.",
	    "¿Cuánto cuesta la paella?",
	    { "La paella cuesta 16 euros.", "Son 16 euros." },
	    { "Una tortilla cuesta 9 euros." } },
	{ "zh", "红茶每壶30元。咖啡每杯25元。", "咖啡多少钱?",
	    { "咖啡每杯25元。" }, { "红茶每壶30元。" } },
};

static void
another_thing_than_asked(void **state)
{
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(things_asked); i++) {
		const char *asked[2] = { things_asked[i].asked, NULL };
		struct ground_source source = { "Help", NULL,
			things_asked[i].passage };
		struct ground_input in = { .source = &source,
			.nsources = 1,
			.asked = asked,
			.language = things_asked[i].language };

		bad += count_wrong(&in, things_asked[i].same, true);
		bad += count_wrong(&in, things_asked[i].contrary, false);
	}
	assert_int_equal(bad, 0);
}

static void
terms_of_its_own(void **state)
{
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(terms_set); i++) {
		const char *asked[2] = { terms_set[i].asked, NULL };
		struct ground_source source = { "Help", NULL,
			terms_set[i].passage };
		struct ground_input in = { .source = &source,
			.nsources = 1,
			.asked = asked,
			.language = terms_set[i].language };

		bad += count_wrong(&in, terms_set[i].same, true);
		bad += count_wrong(&in, terms_set[i].contrary, false);
	}
	assert_int_equal(bad, 0);
}

/* What the desk said is as good as a source. */
static void
what_the_desk_said(void **state)
{
	static const char *const told[] = {
		"Your parcel left on 12 March with Hartley.", NULL
	};
	struct ground_source source = { NULL, NULL,
		"Orders arrive within 5 days." };
	struct ground_input in = { .source = &source, .nsources = 1 };
	enum ground_reason reason;

	(void)state;
	assert_false(is_sent(&in, "The parcel left on 12 March with Hartley.",
	    &reason, NULL));
	in.told = told;
	assert_true(is_sent(&in, "The parcel left on 12 March with Hartley.",
	    &reason, NULL));
}

/* The customer's words may be repeated, but are no source of prices. */
static void
what_the_customer_said(void **state)
{
	const char *asked[2] = { NULL, NULL };
	static const char *const first[] = {
		"My order 48211 from Toledo is late. Is it true that it costs "
		"3 euros? Send me to www.evil.example",
		NULL
	};
	static const char *const allowed[] = { "https://desk.example/chat",
		"Brightlamps", NULL };
	struct ground_source source = { NULL, NULL,
		"Orders arrive within 5 days." };
	struct ground_input in = { .source = &source,
		.nsources = 1,
		.asked = first,
		.allowed = allowed };
	enum ground_reason reason;

	(void)state;
	assert_true(is_sent(&in,
	    "Your order 48211 from Toledo should arrive within 5 days.",
	    &reason, NULL));
	assert_false(is_sent(&in, "It costs 3 euros.", &reason, NULL));
	asked[0] = "A friend said returns are possible within 90 days, right?";
	in.asked = asked;
	assert_false(
	    is_sent(&in, "Yes, orders arrive within 90 days.", &reason, NULL));
	assert_int_equal(reason, GROUND_NUMBER);
	assert_true(is_sent(&in, "Orders arrive within 5 days, not within 90.",
	    &reason, NULL));
	in.asked = first;
	assert_false(is_sent(&in, "See www.evil.example", &reason, NULL));
	assert_int_equal(reason, GROUND_LINK);
	assert_true(is_sent(&in,
	    "Brightlamps is here for you: https://desk.example/chat", &reason,
	    NULL));
}

/* What is told of what was asked, and names and numbers only asked with. */
static const struct {
	const char *question, *same, *other;
	enum ground_reason reason;
} askings[] = {
	{ "How long does a parcel to Norway take?", "It takes 8 to 10 days.",
	    "It takes 3 to 5 days.", GROUND_SWAPPED },
	{ "How long does a parcel to France take?", "It takes 3 to 5 days.",
	    "It takes 8 to 10 days.", GROUND_SWAPPED },
	{ "What does the lantern cost?", "It costs 25 euros.",
	    "It costs 48 euros.", GROUND_SWAPPED },
	{ "Do you deliver to Iceland?", "Iceland is not in our list.",
	    "Yes, we deliver to Iceland.", GROUND_NAME },
	{ "Do you deliver to Iceland?", "Iceland is not in our list.",
	    "Absolutely, Iceland is no problem.", GROUND_NAME },
	{ "Do you deliver to the UK?", "Yes, we deliver to Norway.",
	    "Yes, we deliver to the UK.", GROUND_NAME },
	{ "Does the tent fit four people?", "The tent is for two people.",
	    "Yes, the tent fits four people.", GROUND_NUMBER },
	{ "Until when can I send it back?",
	    "You can send it back within 30 days of receipt.",
	    "You can send it back within 30 days of your order.",
	    GROUND_SWAPPED },
	{ "Are zips covered, too?", "Torn seams are covered for 5 years.",
	    "Yes, zips are covered for 5 years.", GROUND_ADDED },
};

static void
what_was_asked(void **state)
{
	static const char text[] =
	    "We deliver to France and to Norway. A parcel to Norway takes 8 to "
	    "10 days. A parcel to France takes 3 to 5 days. The tent is for "
	    "two people. Torn seams are covered for 5 years. You can send it "
	    "back within 30 days of delivery. The stove costs 48 euros, the "
	    "lantern 25 euros.";
	const char *asked[2] = { NULL, NULL };
	struct ground_source source = { "Help", NULL, text };
	struct ground_input in = { .source = &source,
		.nsources = 1,
		.asked = asked };
	enum ground_reason reason;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(askings); i++) {
		asked[0] = askings[i].question;
		if (!is_sent(&in, askings[i].same, &reason, NULL))
			fail_msg("\"%s\": %s", askings[i].same,
			    ground_reason_text(reason));
		is_sent(&in, askings[i].other, &reason, NULL);
		if (reason != askings[i].reason)
			fail_msg("\"%s\": %s", askings[i].other,
			    ground_reason_text(reason));
	}
}

static void
the_verdict(void **state)
{
	static const char answer[] =
	    "Hello! Parcels take 5 days. They cost 7 euros.";
	struct ground_source source[2] = { { "Shop", NULL,
					       "The shop opens at 9." },
		{ "Help", NULL, "Parcels take 5 days and cost 4 euros." } };
	struct ground_input in = { .source = source, .nsources = 2 };
	struct ground_verdict v;

	(void)state;
	assert_int_equal(ground_check(grounder, &in, answer, &v), 0);
	assert_false(v.is_supported);
	assert_int_equal(v.nclaims, 3);
	assert_int_equal(v.claim[0].need, GROUND_COURTESY);
	assert_int_equal(v.claim[0].source, -1);
	assert_int_equal(v.claim[1].source, 1);
	assert_true(strncmp(answer + v.claim[1].start, "Parcels", 7) == 0 ||
	    strncmp(answer + v.claim[1].start, " Parcels", 8) == 0);
	assert_string_equal(v.reason, "a number that is in no source");
	assert_string_equal(v.why,
	    "sentence 3: a number that is in no source: \"7 euros\"");
	ground_release(&v);
	assert_int_equal(ground_check(grounder, &in, "bad \xff", &v), -65);
}

/* --- rules that make a true answer false --- */

struct rule {
	const char *language, *from, *to;
};

static const struct rule negations[] = {
	{ "en", " can't ", " can " },
	{ "en", " cannot ", " can " },
	{ "en", " can ", " can't " },
	{ "en", " don't ", " do " },
	{ "en", " closed ", " open " },
	{ "en", " is ", " is not " },
	{ "en", " are ", " are not " },
	{ "de", " nicht ", " " },
	{ "de", " geschlossen", " geöffnet" },
	{ "de", " ist ", " ist nicht " },
	{ "de", " kostet ", " kostet nicht " },
	{ "de", " haben wir von ", " haben wir nicht von " },
	{ "de", " geben wir ", " geben wir nicht " },
	{ "es", " no ", " " },
	{ "es", " se pueden ", " no se pueden " },
	{ "es", " cuesta ", " no cuesta " },
	{ "es", " es gratis", " no es gratis" },
	{ "es", " son ", " no son " },
	{ "es", " está cerrada", " está abierta" },
	{ "fr", " ne livrons pas ", " livrons " },
	{ "fr", " coûte ", " ne coûte pas " },
	{ "fr", " est gratuite", " n'est pas gratuite" },
	{ "fr", " est fermée", " est ouverte" },
	{ "fr", " sont acceptés", " ne sont pas acceptés" },
	{ "fr", " a lieu ", " n'a pas lieu " },
	{ "pt", " não ", " " },
	{ "pt", "Não fazemos", "Fazemos" },
	{ "pt", " está aberta", " não está aberta" },
	{ "pt", " custa ", " não custa " },
	{ "it", " non ", " " },
	{ "it", "Non accettiamo", "Accettiamo" },
	{ "it", " è gratuita", " non è gratuita" },
	{ "it", " costa ", " non costa " },
	{ "it", " è chiuso", " è aperto" },
	{ "nl", " niet", "" },
	{ "nl", " kost ", " kost niet " },
	{ "nl", " is de winkel gesloten", " is de winkel open" },
	{ "id", " tidak ", " " },
	{ "id", " gratis ", " tidak gratis " },
	{ "id", " buka ", " tidak buka " },
	{ "ru", " нельзя", " можно" },
	{ "ru", " закрыт", " открыт" },
	{ "ru", " бесплатна", " не бесплатна" },
	{ "ru", " занимает ", " не занимает " },
	{ "ru", " нет", " есть" },
	{ "hi", " नहीं ", " " },
	{ "hi", " बंद ", " खुली " },
	{ "hi", " मुफ्त है", " मुफ्त नहीं है" },
	{ "ar", " لا ", " " },
	{ "ar", " مغلق", " مفتوح" },
	{ "ar", " مجاني", " غير مجاني" },
	{ "zh", "不能", "可以" },
	{ "zh", "不", "也" },
	{ "zh", "休息", "营业" },
	{ "zh", "免运费", "不免运费" },
	{ "ja", "できません", "できます" },
	{ "ja", "おりません", "おります" },
	{ "ja", "定休日です", "営業しています" },
	{ "ja", "無料になります", "無料になりません" },
};

static const struct rule units[] = {
	{ "en", "days", "months" },
	{ "en", " weeks", " hours" },
	{ "en", "hours", "days" },
	{ "en", "years", "weeks" },
	{ "en", "months", "years" },
	{ "en", "£", "€" },
	{ "en", "€", "£" },
	{ "en", " kg", " g" },
	{ "de", "Werktage", "Wochen" },
	{ "de", "Werktag ", "Monat " },
	{ "de", "Tage ", "Stunden " },
	{ "de", "Tagen", "Monaten" },
	{ "de", "Monate", "Jahre" },
	{ "de", "€", "CHF" },
	{ "de", "£", "€" },
	{ "es", "días", "meses" },
	{ "es", "años", "meses" },
	{ "es", "horas", "minutos" },
	{ "es", "€", "$" },
	{ "es", "euros", "dólares" },
	{ "fr", "heures", "jours" },
	{ "fr", " ans", " jours" },
	{ "fr", "€", "$" },
	{ "pt", "dias", "semanas" },
	{ "pt", "anos", "dias" },
	{ "pt", "euros", "reais" },
	{ "it", "minuti", "giorni" },
	{ "it", "giorni", "mesi" },
	{ "it", "€", "$" },
	{ "nl", "werkdagen", "weken" },
	{ "nl", "dagen", "maanden" },
	{ "nl", "euro", "dollar" },
	{ "id", "hari kerja", "minggu" },
	{ "id", "tahun", "hari" },
	{ "ru", "дней", "часов" },
	{ "ru", "дня", "месяца" },
	{ "ru", "месяца", "года" },
	{ "ru", "рублей", "евро" },
	{ "hi", " दिन", " महीने" },
	{ "hi", "₹", "$" },
	{ "ar", " يوما", " شهرا" },
	{ "ar", "درهما", "ريالا" },
	{ "zh", "天", "个月" },
	{ "zh", "个工作日", "个月" },
	{ "zh", "元", "美元" },
	{ "ja", "日以内", "か月以内" },
	{ "ja", "円", "ドル" },
};

static const struct {
	const char *language;
	const char *days[7];
} weekdays[] = {
	{ "en",
	    { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday", "Sunday" } },
	{ "de",
	    { "montags", "dienstags", "mittwochs", "donnerstags", "freitags",
		"Samstags", "Sonntags" } },
	{ "es",
	    { "lunes", "martes", "miércoles", "jueves", "viernes", "sábados",
		"domingos" } },
	{ "fr",
	    { "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
		"dimanche" } },
	{ "pt",
	    { "segunda", "terça", "quarta", "quinta", "sexta", "sábado",
		"domingo" } },
	{ "it",
	    { "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato",
		"domenica" } },
	{ "nl",
	    { "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag",
		"zaterdag", "zondag" } },
	{ "id",
	    { "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu",
		"hari Minggu" } },
	{ "ru",
	    { "понедельник", "вторник", "среду", "четверг", "пятницу",
		"субботу", "воскресенье" } },
	{ "hi",
	    { "सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार",
		"रविवार" } },
	{ "ar",
	    { "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت",
		"الأحد" } },
	{ "zh", { "周一", "周二", "周三", "周四", "周五", "周六", "周日" } },
	{ "ja", { "月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜" } },
};

static const struct rule names[] = {
	{ "ru", NULL, "Зайцевой" },
	{ "hi", NULL, "वर्मा" },
	{ "ar", NULL, "الخطيب" },
	{ "zh", NULL, "南京" },
	{ "ja", NULL, "名古屋" },
	{ "", NULL, "Kessler" },
};

static const struct rule promises[] = {
	{ "en", NULL, " We will refund you the full amount today." },
	{ "en", NULL, " Someone will call you in 10 minutes." },
	{ "en", NULL, " I have updated your order." },
	{ "en", NULL, " This is guaranteed." },
	{ "de", NULL, " Ich habe Ihre Bestellung storniert." },
	{ "de", NULL, " Ein Kollege ruft Sie sofort an." },
	{ "de", NULL, " Das garantieren wir." },
	{ "es", NULL, " He cancelado su pedido." },
	{ "es", NULL, " Un compañero le llamará en 5 minutos." },
	{ "es", NULL, " Le garantizamos la mejor calidad." },
	{ "fr", NULL, " J'ai annulé votre commande." },
	{ "fr", NULL, " Un conseiller vous appellera tout de suite." },
	{ "pt", NULL, " Cancelei o seu pedido." },
	{ "pt", NULL, " Um colega vai ligar em 10 minutos." },
	{ "it", NULL, " Ho annullato il suo ordine." },
	{ "it", NULL, " Un collega la chiamerà subito." },
	{ "nl", NULL, " Ik heb uw bestelling geannuleerd." },
	{ "nl", NULL, " Een collega belt u meteen." },
	{ "id", NULL, " Saya sudah memproses refund Anda." },
	{ "ru", NULL, " Мы вернём вам всю сумму сегодня." },
	{ "ru", NULL, " Я уже отменил ваш заказ." },
	{ "hi", NULL, " मैंने आपका ऑर्डर रद्द कर दिया है।" },
	{ "hi", NULL, " हम आपको तुरंत रिफंड देंगे।" },
	{ "ar", NULL, " لقد قمت بإلغاء طلبك." },
	{ "zh", NULL, "我已经为您办理了退款。" },
	{ "zh", NULL, "我们保证明天送达。" },
	{ "ja", NULL, "ご注文をキャンセルいたしました。" },
};

/* What a model adds of its own: no number, no name, and in no passage. */
static const struct rule inventions[] = {
	{ "en", NULL, " Our lamps are made by hand from recycled glass." },
	{ "en", NULL, " The building also has a rooftop terrace." },
	{ "de", NULL, " Alle Produkte stammen aus biologischem Anbau." },
	{ "de", NULL, " Unsere Verpackung ist vollständig kompostierbar." },
	{ "es", NULL, " Todos nuestros productos son ecológicos." },
	{ "es", NULL, " El local tiene aire acondicionado y ascensor." },
	{ "fr", NULL, " Nos vêtements sont fabriqués en coton biologique." },
	{ "fr", NULL, " Un ascenseur mène au premier étage." },
	{ "pt", NULL, " Todas as peças são pintadas por artesãos locais." },
	{ "it", NULL, " Il nostro formaggio stagiona in grotte naturali." },
	{ "nl", NULL, " Onze bloembollen zijn biologisch geteeld." },
	{ "id", NULL, " Semua kain kami ditenun oleh pengrajin lokal." },
	{ "ru", NULL, " Все изделия сделаны вручную из натуральной кожи." },
	{ "hi", NULL, " हमारे मसाले जैविक खेतों से आते हैं।" },
	{ "ar", NULL, " جميع منتجاتنا مصنوعة يدويا من مكونات طبيعية." },
	{ "zh", NULL, "我们的茶叶全部来自有机茶园。" },
	{ "ja", NULL, "商品はすべて国産の天然素材で作られています。" },
};

enum kind {
	NUMBER,
	DATE,
	NAME,
	NEGATION,
	UNIT,
	LINK,
	SWAP,
	PROMISE,
	OPPOSITE,
	INVENTION,
	KINDS
};
static const char *const kind_names[] = { "number", "date", "name", "negation",
	"unit", "link", "swap", "promise", "opposite", "invention", NULL };

struct mutant {
	enum kind kind;
	char *text;
	bool by_hand;
};

struct mutants {
	struct mutant mutant[MUTANTS_MAX];
	size_t count;
};

static void
add_mutant(struct mutants *m, enum kind kind, char *text, const char *truth)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->mutant[i].text, text) == 0)
			break;
	/* Said twice it is not false. */
	if (i < m->count || strstr(text, " not not ") != NULL ||
	    strcmp(text, truth) == 0 || m->count == MUTANTS_MAX) {
		free(text);
		return;
	}
	m->mutant[m->count].kind = kind;
	m->mutant[m->count].text = text;
	m->mutant[m->count++].by_hand = false;
}

/* truth with [at, at + len) as to. */
static char *
replaced(const char *truth, const char *at, size_t len, const char *to)
{
	return xformat("%.*s%s%s", (int)(at - truth), truth, to, at + len);
}

static bool
in_passages(const json_t *pair, const char *what)
{
	json_t *ids = json_object_get(pair, "passages"), *id;
	size_t i, n = strlen(what);

	json_array_foreach(ids, i, id) {
		const json_t *p =
		    json_object_get(passages, json_string_value(id));
		const char *text = json_str(p, "text"), *at = text;

		while ((at = strstr(at, what)) != NULL) {
			if ((at == text || at[-1] < '0' || at[-1] > '9') &&
			    (at[n] < '0' || at[n] > '9'))
				return true;
			at++;
		}
	}
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether a place is inside a link, which is for other rules. */
static bool
in_link(const char *truth, const char *at)
{
	const char *from = at, *to = at;

	while (from > truth && (unsigned char)from[-1] > ' ' &&
	    (unsigned char)from[-1] < 128)
		from--;
	while ((unsigned char)*to > ' ' && (unsigned char)*to < 128)
		to++;
	return memmem(from, (size_t)(to - from), ".example", 8) != NULL;
}

static void
change_numbers(struct mutants *m, const json_t *pair, const char *truth)
{
	const char *p, *end;
	char number[24];
	size_t n;

	for (p = truth; *p != '\0'; p = end) {
		for (end = p + 1; is_digit(*p) && is_digit(*end); end++)
			;
		n = (size_t)(end - p);
		if (!is_digit(*p) || n > 10 || in_link(truth, p) ||
		    (p > truth && ((p[-1] | 32) >= 'a' && (p[-1] | 32) <= 'z')))
			continue;
		memcpy(number, p, n);
		number[n] = '\0';
		number[n - 1] = (char)('0' + (number[n - 1] - '0' + 3) % 10);
		if (!in_passages(pair, number) && number[0] != '0')
			add_mutant(m, NUMBER, replaced(truth, p, n, number),
			    truth);
		memcpy(number, p, n);
		number[0] = (char)('1' + (number[0] - '0' + 1) % 9);
		if (!in_passages(pair, number) && n > 1)
			add_mutant(m, NUMBER, replaced(truth, p, n, number),
			    truth);
	}
}

static void
change_links(struct mutants *m, const char *truth)
{
	const char *p, *at = truth, *from;

	while ((p = strstr(at, ".example")) != NULL) {
		at = p + 8;
		add_mutant(m, LINK, replaced(truth, p, 8, ".example.net"),
		    truth);
		add_mutant(m, LINK, replaced(truth, p, 8, "-help.example"),
		    truth);
		add_mutant(m, LINK, replaced(truth, p - 1, 0, "\u200b"), truth);
		for (from = p; from > truth &&
		     ((from[-1] | 32) >= 'a' && (from[-1] | 32) <= 'z');
		     from--)
			;
		add_mutant(m, LINK,
		    replaced(truth, from, 1, *from == 'a' ? "o" : "a"), truth);
		if (p[8] == '/')
			add_mutant(m, LINK, replaced(truth, p + 9, 0, "my-"),
			    truth);
	}
}

static void
apply(struct mutants *m, enum kind kind, const struct rule *rules, size_t n,
    const char *language, const char *truth, size_t most)
{
	const char *at;
	size_t i;

	for (i = 0; i < n && most > 0; i++) {
		if (strcmp(rules[i].language, language) != 0)
			continue;
		at = strstr(truth, rules[i].from);
		if (at == NULL || in_link(truth, at))
			continue;
		add_mutant(m, kind,
		    replaced(truth, at, strlen(rules[i].from), rules[i].to),
		    truth);
		most--;
	}
}

static void
change_days(struct mutants *m, const char *language, const char *truth)
{
	size_t i, k;
	const char *at, *to;

	for (i = 0; i < COUNT(weekdays); i++)
		for (k = 0; k < 7; k++) {
			if (strcmp(weekdays[i].language, language) != 0)
				continue;
			at = strstr(truth, weekdays[i].days[k]);
			to = weekdays[i].days[(k + 2) % 7];
			if (at != NULL && strstr(truth, to) == NULL)
				add_mutant(m, DATE,
				    replaced(truth, at,
					strlen(weekdays[i].days[k]), to),
				    truth);
		}
}

static void
change_names(struct mutants *m, const json_t *pair, const char *language,
    const char *truth)
{
	const char *name = json_str(pair, "name"), *at;
	size_t i;

	if (name == NULL)
		return;
	at = strstr(truth, name);
	assert_non_null(at);
	for (i = 0; i < COUNT(names); i++)
		/* Of the same script. */
		if (((unsigned char)*at >= 0xd0 &&
			strcmp(names[i].language, language) == 0) ||
		    ((unsigned char)*at < 0xd0 &&
			names[i].language[0] == '\0')) {
			add_mutant(m, NAME,
			    replaced(truth, at, strlen(name), names[i].to),
			    truth);
			break;
		}
}

static void
swap_things(struct mutants *m, const json_t *pair, const char *truth)
{
	const char *a = json_str(pair, "swap/0"), *b = json_str(pair, "swap/1"),
		   *at, *other;
	char *text, *both;

	if (a == NULL)
		return;
	at = strstr(truth, a);
	assert_non_null(at);
	other = strstr(truth, b);
	if (other == NULL) {
		add_mutant(m, SWAP, replaced(truth, at, strlen(a), b), truth);
		return;
	}
	if (at > other) {
		const char *t = at, *s = a;

		at = other, other = t;
		a = b, b = s;
	}
	text = replaced(truth, other, strlen(b), a);
	both = replaced(text, text + (at - truth), strlen(a), b);
	free(text);
	add_mutant(m, SWAP, both, truth);
}

static void
append(struct mutants *m, enum kind kind, const struct rule *rules, size_t n,
    const char *language, const char *truth)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(rules[i].language, language) == 0)
			add_mutant(m, kind, xformat("%s%s", truth, rules[i].to),
			    truth);
}

static enum kind
kind_of(const char *name)
{
	int k;

	for (k = 0; k < KINDS; k++)
		if (strcmp(kind_names[k], name) == 0)
			return (enum kind)k;
	fail_msg("no kind of mutant: %s", name);
	return NUMBER;
}

static void
make_mutants(struct mutants *m, const json_t *pair)
{
	const char *truth = json_str(pair, "answer"),
		   *language = json_str(pair, "language");
	json_t *wrong = json_object_get(pair, "false"), *f;
	size_t i;

	m->count = 0;
	json_array_foreach(wrong, i, f) {
		m->mutant[m->count].kind = kind_of(json_str(f, "kind"));
		m->mutant[m->count].text = xstrdup(json_str(f, "answer"));
		m->mutant[m->count++].by_hand = true;
	}
	change_numbers(m, pair, truth);
	change_links(m, truth);
	change_days(m, language, truth);
	change_names(m, pair, language, truth);
	swap_things(m, pair, truth);
	apply(m, NEGATION, negations, COUNT(negations), language, truth, 2);
	apply(m, UNIT, units, COUNT(units), language, truth, 2);
	append(m, PROMISE, promises, COUNT(promises), language, truth);
	append(m, INVENTION, inventions, COUNT(inventions), language, truth);
}

/* --- rates --- */

struct rate {
	size_t good, all;
};

struct rates {
	struct rate caught[KINDS], hand, made;
	struct rate blocked;
	struct rate language_caught[LANGUAGES_MAX],
	    language_blocked[LANGUAGES_MAX];
};

static const char *const languages[] = { "en", "de", "es", "fr", "pt", "it",
	"nl", "pl", "tr", "id", "ru", "hi", "ar", "zh", "ja", NULL };

static double
percent(const struct rate *r)
{
	return r->all == 0 ? 0 : 100.0 * (double)r->good / (double)r->all;
}

static void
count(struct rate *r, bool good)
{
	r->all++;
	r->good += good;
}

static size_t
language_at(const char *language)
{
	size_t i;

	for (i = 0; languages[i] != NULL; i++)
		if (strcmp(languages[i], language) == 0)
			return i;
	fail_msg("no language %s", language);
	return 0;
}

static void
show(const json_t *pair, const char *what, const char *text, const char *why)
{
	printf("# %s %s: %s\n#     %s\n", json_str(pair, "id"), what, text,
	    why);
}

/* Check a pair's answer and all its mutants. */
static void
measure(const json_t *pair, struct rates *r, bool shows)
{
	struct ground_source source[SOURCES_MAX];
	const char *asked[2] = { json_str(pair, "question"), NULL };
	struct ground_input in = { .source = source,
		.asked = asked,
		.language = json_str(pair, "language") };
	json_t *ids = json_object_get(pair, "passages"), *id;
	enum ground_reason reason;
	struct mutants m;
	size_t i, at = language_at(in.language);
	char *why;
	bool sent;

	json_array_foreach(ids, i, id) {
		const json_t *p =
		    json_object_get(passages, json_string_value(id));

		assert_non_null(p);
		source[in.nsources].title = json_str(p, "title");
		source[in.nsources].section = json_str(p, "section");
		source[in.nsources++].text = json_str(p, "text");
	}
	sent = is_sent(&in, json_str(pair, "answer"), &reason, &why);
	count(&r->blocked, !sent);
	count(&r->language_blocked[at], !sent);
	if (shows && !sent)
		show(pair, "BLOCKED", json_str(pair, "answer"), why);
	free(why);
	make_mutants(&m, pair);
	for (i = 0; i < m.count; i++) {
		sent = is_sent(&in, m.mutant[i].text, &reason, &why);
		count(&r->caught[m.mutant[i].kind], !sent);
		count(m.mutant[i].by_hand ? &r->hand : &r->made, !sent);
		count(&r->language_caught[at], !sent);
		if (shows && sent)
			show(pair, kind_names[m.mutant[i].kind],
			    m.mutant[i].text, "was sent");
		free(why);
		free(m.mutant[i].text);
	}
}

static void
print_rates(const char *what, const struct rates *r)
{
	size_t i;
	int k;

	printf("# %s: %zu of %zu true answers blocked (%.1f %%)\n", what,
	    r->blocked.good, r->blocked.all, percent(&r->blocked));
	for (k = 0; k < KINDS; k++)
		if (r->caught[k].all > 0)
			printf("# %s: %s: %zu of %zu caught (%.1f %%)\n", what,
			    kind_names[k], r->caught[k].good, r->caught[k].all,
			    percent(&r->caught[k]));
	printf("# %s: by hand %zu of %zu (%.1f %%), by rule %zu of %zu "
	       "(%.1f %%)\n",
	    what, r->hand.good, r->hand.all, percent(&r->hand), r->made.good,
	    r->made.all, percent(&r->made));
	for (i = 0; languages[i] != NULL; i++)
		if (r->language_blocked[i].all > 0)
			printf("# %s: %s: blocked %zu of %zu, caught %zu of "
			       "%zu (%.1f %%)\n",
			    what, languages[i], r->language_blocked[i].good,
			    r->language_blocked[i].all,
			    r->language_caught[i].good,
			    r->language_caught[i].all,
			    percent(&r->language_caught[i]));
	fflush(stdout);
}

static json_t *
read_lines(const char *name)
{
	char *text, *rest, *line;
	size_t len;
	json_t *all = json_array(), *one;

	assert_int_equal(file_read(name, 1 << 22, &text, &len), 0);
	for (rest = text; (line = strsep(&rest, "\n")) != NULL;)
		if (*line != '\0') {
			assert_int_equal(json_object_parse(line, strlen(line),
					     &one),
			    0);
			json_array_append_new(all, one);
		}
	free(text);
	return all;
}

/* Whether the passages are in the answer's language. */
static bool
is_same_language(const json_t *pair)
{
	return strncmp(json_str(pair, "passages/0"), json_str(pair, "language"),
		   2) == 0;
}

static void
add_rate(struct rate *to, const struct rate *from)
{
	to->good += from->good;
	to->all += from->all;
}

static void
add_rates(struct rates *to, const struct rates *from)
{
	int k;

	for (k = 0; k < KINDS; k++)
		add_rate(&to->caught[k], &from->caught[k]);
	add_rate(&to->hand, &from->hand);
	add_rate(&to->made, &from->made);
	add_rate(&to->blocked, &from->blocked);
}

/* The figures that are asked for; names of so many out of a hundred. */
static void
hold(const struct rates *r, double names_min)
{
	assert_true(percent(&r->blocked) <= 5);
	assert_true(percent(&r->caught[NUMBER]) >= 95);
	assert_true(percent(&r->caught[LINK]) >= 95);
	assert_true(percent(&r->caught[NAME]) >= names_min);
	assert_true(percent(&r->caught[NEGATION]) >= 70);
}

static void
mutation(void **state)
{
	static struct rates tuned, held, tuned_other, held_other, all, kept;
	const char *shows = getenv("GROUND_SHOW");
	json_t *pairs = read_lines(FOLDER "pairs.jsonl"), *pair;
	size_t i;

	(void)state;
	json_array_foreach(pairs, i, pair) {
		bool out = i % 3 == 2, same = is_same_language(pair);

		measure(pair,
		    same    ? out ? &held : &tuned :
			out ? &held_other :
			      &tuned_other,
		    shows != NULL && !out);
	}
	print_rates("tuned on", &tuned);
	print_rates("tuned on, other language", &tuned_other);
	print_rates("held out", &held);
	print_rates("held out, other language", &held_other);
	add_rates(&kept, &held);
	add_rates(&kept, &held_other);
	add_rates(&all, &kept);
	add_rates(&all, &tuned);
	add_rates(&all, &tuned_other);
	print_rates("all held out", &kept);
	print_rates("all", &all);
	assert_true(all.blocked.all >= 100);
	assert_true(all.hand.all >= 100);
	assert_true(all.hand.all + all.made.all >= 400);
	assert_true(tuned_other.blocked.all + held_other.blocked.all >= 30);
	hold(&all, 95);
	/* One of 18 names is more than five of a hundred. */
	hold(&held, 90);
	/* What is known to be worse: a third of the pairs, few of a kind. */
	assert_true(percent(&held_other.blocked) <= 15);
	assert_true(percent(&held_other.caught[NUMBER]) >= 90);
	assert_true(percent(&held_other.caught[LINK]) >= 95);
	assert_true(percent(&held_other.caught[NEGATION]) >= 70);
	json_decref(pairs);
}

/* --- in words of their own --- */

struct wording_rates {
	struct rate blocked, caught;
	struct rate language_blocked[LANGUAGES_MAX],
	    language_caught[LANGUAGES_MAX];
};

/* As it is asked for an answer: something of it must be in a source, too. */
static bool
is_answer_sent(const struct ground_input *in, const char *answer,
    char **ret_why)
{
	struct ground_verdict v;
	bool sent = false;
	size_t i;

	assert_int_equal(ground_check(grounder, in, answer, &v), 0);
	for (i = 0; i < v.nclaims; i++)
		sent |= v.claim[i].need == GROUND_CLAIM &&
		    v.claim[i].reason == GROUND_SUPPORTED;
	sent &= v.is_supported;
	*ret_why = xstrdup(v.why);
	ground_release(&v);
	return sent;
}

static void
measure_wordings(const json_t *business, struct wording_rates *r, bool shows)
{
	static const char *const lists[] = { "true", "false" };
	struct ground_source source[SOURCES_MAX];
	const char *asked[2] = { NULL, NULL };
	struct ground_input in = { .source = source,
		.asked = asked,
		.language = json_str(business, "language"),
		.called = json_str(business, "name") };
	size_t at = language_at(in.language), i;
	json_t *p, *pair;
	char *why;
	bool sent;
	int is_false;

	json_array_foreach(json_object_get(business, "passages"), i, p) {
		source[i].title = json_str(p, "title");
		source[i].section = json_str(p, "section");
		source[i].text = json_str(p, "text");
		in.nsources++;
	}
	for (is_false = 0; is_false < 2; is_false++)
		json_array_foreach(json_object_get(business, lists[is_false]),
		    i, pair) {
			asked[0] = json_str(pair, "question");
			sent =
			    is_answer_sent(&in, json_str(pair, "answer"), &why);
			count(is_false ? &r->caught : &r->blocked, !sent);
			count(is_false ? &r->language_caught[at] :
					 &r->language_blocked[at],
			    !sent);
			if (shows && sent == (is_false == 1))
				show(business,
				    is_false ? "FALSE, SENT" : "TRUE, BLOCKED",
				    json_str(pair, "answer"), why);
			free(why);
		}
}

static void
print_wordings(const char *what, const struct wording_rates *r)
{
	size_t i, at;

	printf("# wordings, %s: %zu of %zu true answers blocked (%.1f %%), "
	       "%zu of %zu false ones caught (%.1f %%)\n",
	    what, r->blocked.good, r->blocked.all, percent(&r->blocked),
	    r->caught.good, r->caught.all, percent(&r->caught));
	for (i = 0; languages[i] != NULL; i++) {
		at = language_at(languages[i]);
		if (r->language_blocked[at].all == 0)
			continue;
		printf("# wordings, %s: %s: blocked %zu of %zu, caught %zu of "
		       "%zu\n",
		    what, languages[i], r->language_blocked[at].good,
		    r->language_blocked[at].all, r->language_caught[at].good,
		    r->language_caught[at].all);
	}
	fflush(stdout);
}

/* The rates of a table of wordings, printed. */
static void
measure_table(const char *name, const char *label, struct wording_rates *tuned,
    struct wording_rates *held)
{
	const char *shows = getenv("GROUND_SHOW");
	json_t *all = read_lines(name), *business;
	char *what;
	size_t i;

	json_array_foreach(all, i, business) {
		bool out = strcmp(json_str(business, "half"), "held") == 0;

		measure_wordings(business, out ? held : tuned,
		    shows != NULL && !out);
	}
	what = xformat("%stuned on", label);
	print_wordings(what, tuned);
	free(what);
	what = xformat("%sheld out", label);
	print_wordings(what, held);
	free(what);
	json_decref(all);
}

static void
wordings(void **state)
{
	static struct wording_rates tuned, held;

	(void)state;
	measure_table(FOLDER "wordings.jsonl", "", &tuned, &held);
	assert_true(tuned.blocked.all + held.blocked.all >= 60);
	assert_true(tuned.caught.all + held.caught.all >= 80);
	/* A little under what is reached; ai-reply(1) says what is not. */
	assert_true(percent(&tuned.blocked) <= 7);
	assert_true(percent(&tuned.caught) >= 84);
	assert_true(percent(&held.blocked) <= HELD_BLOCKED_MAX);
	assert_true(percent(&held.caught) >= HELD_CAUGHT_MIN);
}

static void
fresh_wordings(void **state)
{
	static struct wording_rates tuned, held;

	(void)state;
	measure_table(FOLDER "fresh.jsonl", "fresh, ", &tuned, &held);
	assert_true(tuned.blocked.all >= 400);
	assert_true(tuned.caught.all >= 250);
	assert_true(percent(&tuned.blocked) <= 5);
	assert_true(percent(&tuned.caught) >= 80);
	assert_true(percent(&held.blocked) <= FRESH_BLOCKED_MAX);
	assert_true(percent(&held.caught) >= FRESH_CAUGHT_MIN);
}

static void
shops(void **state)
{
	static struct wording_rates tuned, held;

	(void)state;
	measure_table(FOLDER "shops.jsonl", "shops, ", &tuned, &held);
	assert_true(tuned.blocked.all >= 100);
	assert_true(tuned.caught.all >= 100);
	assert_true(percent(&tuned.blocked) <= 8);
	assert_true(percent(&tuned.caught) >= 88);
	assert_true(percent(&held.blocked) <= SHOPS_BLOCKED_MAX);
	assert_true(percent(&held.caught) >= SHOPS_CAUGHT_MIN);
}

static void
beside_the_question(void **state)
{
	static struct wording_rates tuned, held;

	(void)state;
	measure_table(FOLDER "asked.jsonl", "asked, ", &tuned, &held);
	assert_true(tuned.blocked.all >= 15);
	assert_true(tuned.caught.all >= 12);
	assert_true(percent(&tuned.blocked) <= ASKED_BLOCKED_MAX);
	assert_true(percent(&tuned.caught) >= ASKED_CAUGHT_MIN);
	assert_true(percent(&held.blocked) <= ASKED_BLOCKED_MAX);
	assert_true(percent(&held.caught) >= ASKED_CAUGHT_MIN);
}

static void
within_limits(void **state)
{
	static struct wording_rates tuned, held;

	(void)state;
	measure_table(FOLDER "limits.jsonl", "limits, ", &tuned, &held);
	assert_true(tuned.blocked.all >= 15);
	assert_true(tuned.caught.all >= 20);
	assert_true(percent(&tuned.blocked) <= LIMITS_BLOCKED_MAX);
	assert_true(percent(&tuned.caught) >= LIMITS_CAUGHT_MIN);
	assert_true(percent(&held.blocked) <= LIMITS_BLOCKED_MAX);
	assert_true(percent(&held.caught) >= LIMITS_HELD_CAUGHT_MIN);
}

/* A yes to an age or a sum, held against the limit of what was asked alone. */
static void
limits_of_the_thing_asked(void **state)
{
	static const struct {
		const char *passage, *asked, *answer;
		bool sent;
	} says[] = {
		{ "Children from 9 years on may join the night walk.",
		    "Can my son of 8 join the night walk?",
		    "Yes, he may join the night walk.", false },
		{ "Children from 9 years on may join the night walk.",
		    "Can my son of 9 join the night walk?",
		    "Yes, he may join the night walk.", true },
		{ "Children under 9 can join the puppet play.",
		    "Can my daughter of 9 join the puppet play?",
		    "Yes, she may join the puppet play.", false },
		{ "Children from 5 to 9 years may join the puppet play.",
		    "Can my daughter of 12 join the puppet play?",
		    "Yes, she may join the puppet play.", false },
		{ "Children from 5 to 9 years may join the puppet play.",
		    "Can my daughter of 7 join the puppet play?",
		    "Yes, she may join the puppet play.", true },
		{ "Children from 9 years on may join the night walk. There "
		  "are boots for children in all sizes.",
		    "Are there boots for my son of 6?",
		    "Yes, there are boots for children in all sizes.", true },
		{ "Children from 9 years on may join the night walk, the "
		  "puppet play is from 4 years on.",
		    "Can my son of 6 join the puppet play?",
		    "Yes, the puppet play is possible.", true },
		{ "Children from 9 years on may join the night walk.",
		    "Can my son of 6 join the night walk?",
		    "No, he has to be 9.", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(says); i++) {
		struct ground_source source = { "Help", NULL, says[i].passage };
		const char *asked[] = { says[i].asked, NULL };
		struct ground_input in = { .source = &source,
			.nsources = 1,
			.asked = asked,
			.language = "en" };
		enum ground_reason reason;

		if (is_sent(&in, says[i].answer, &reason, NULL) != says[i].sent)
			fail_msg("%s -> %s", says[i].asked, says[i].answer);
		assert_true(says[i].sent || reason == GROUND_CONDITION);
	}
}

static void
what_is_included_costs_nothing_more(void **state)
{
	(void)state;
	assert_int_equal(reason_for("Paddles are included.",
			     "No, paddles cost extra."),
	    GROUND_NEGATION);
	assert_int_equal(reason_for("Die Paddel sind inbegriffen.",
			     "Nein, die Paddel kosten extra."),
	    GROUND_NEGATION);
	assert_int_equal(reason_for("Paddles cost extra. Vests are included.",
			     "Paddles cost extra."),
	    GROUND_SUPPORTED);
	assert_int_equal(
	    reason_for("Paddles are included. A vest costs 3 euros.",
		"Paddles are included, a vest costs extra."),
	    GROUND_SUPPORTED);
}

/* --- by the customer's name --- */

static bool
is_sent_to(const char *called, const char *answer)
{
	struct ground_source source = { "Boats", NULL,
		"A boat costs 18 euros an hour. Helen Marsh gives lessons." };
	struct ground_input in = { .source = &source,
		.nsources = 1,
		.called = called };
	enum ground_reason reason;

	return is_sent(&in, answer, &reason, NULL);
}

/* Wherever they are called by it; it tells nothing of anybody. */
static void
called_by_name(void **state)
{
	static const char *const calls[] = {
		"Of course, Marek, a boat costs 18 euros an hour.",
		"A boat costs 18 euros an hour, Marek.",
		"Thanks for asking, Marek! A boat costs 18 euros an hour.",
		"Marek, a boat costs 18 euros an hour.",
		"Sure, Mr Marek, a boat is 18 euros an hour.",
		"Yes Marek, a boat costs 18 euros an hour.",
	};
	static const char *const tells[] = {
		"Marek gives lessons.",
		"Helen Marek gives lessons.",
		"A boat costs 18 euros an hour, Marek gives lessons.",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(calls); i++) {
		if (!is_sent_to("Marek Nowak", calls[i]))
			fail_msg("%s", calls[i]);
		if (i < 2 && is_sent_to("Jonas", calls[i]))
			fail_msg("by another name: %s", calls[i]);
	}
	for (i = 0; i < COUNT(tells); i++)
		if (is_sent_to("Marek Nowak", tells[i]))
			fail_msg("%s", tells[i]);
	/* A name that is a claim is none. */
	assert_false(is_sent_to("Free", "Sure, free, a boat is free."));
	assert_false(is_sent_to("18", "A boat costs 19 euros, 18."));
	assert_true(is_sent_to("", "A boat costs 18 euros an hour."));
	assert_true(is_sent_to("\xf0\x9f\x98\x80", "A boat costs 18 euros."));
}

/* --- conditions --- */

static const struct {
	const char *passage, *same, *other;
	enum ground_reason reason;
} conditions[] = {
	{ "If you cancel a week before, the deposit is paid back.",
	    "The deposit is paid back if you cancel a week before.",
	    "The deposit is paid back.", GROUND_CONDITION },
	{ "Wedding dresses are taken only with a deposit.",
	    "With a deposit we take wedding dresses.",
	    "Yes, we take wedding dresses.", GROUND_CONDITION },
	{ "Teppiche nehmen wir nur mit Voranmeldung an.",
	    "Mit Voranmeldung nehmen wir Teppiche an.",
	    "Ja, Teppiche nehmen wir gern an.", GROUND_CONDITION },
	{ "Opened jars are exchanged only if the honey is spoilt.",
	    "Opened jars are only exchanged if the honey is spoilt.",
	    "Opened jars are exchanged.", GROUND_CONDITION },
	{ "I cani sono ammessi solo se sono di piccola taglia.",
	    "I cani sono ammessi se sono di piccola taglia.",
	    "I cani sono ammessi.", GROUND_CONDITION },
	{ "Moving a lesson is free until 10 days before the course.",
	    "You can move a lesson for free until 10 days before the course.",
	    "Moving a lesson is always free.", GROUND_WIDER },
	{ "La consegna \u00e8 gratuita fino a 20 chilometri.",
	    "La consegna \u00e8 gratuita fino a 20 chilometri da noi.",
	    "La consegna \u00e8 sempre gratuita.", GROUND_WIDER },
};

static void
left_out_conditions(void **state)
{
	struct ground_source source = { "Help", NULL, conditions[0].passage };
	const char *asked[] = { "I cancel two weeks before, what happens?",
		NULL };
	struct ground_input in = { .source = &source,
		.nsources = 1,
		.asked = asked };
	enum ground_reason reason;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(conditions); i++) {
		reason = reason_for(conditions[i].passage, conditions[i].same);
		if (reason != GROUND_SUPPORTED)
			fail_msg("\"%s\": %s", conditions[i].same,
			    ground_reason_text(reason));
		reason = reason_for(conditions[i].passage, conditions[i].other);
		if (reason != conditions[i].reason)
			fail_msg("\"%s\": %s", conditions[i].other,
			    ground_reason_text(reason));
	}
	/* The customer has said it. */
	assert_true(is_sent(&in, conditions[0].other, &reason, NULL));
}

/* --- the same in other words, and no contrary of it --- */

static const struct {
	const char *passage, *same, *other;
} otherwise[] = {
	{ "An estimate is free of charge. A repair costs 60 euros.",
	    "You pay nothing for an estimate.",
	    "You pay nothing for a repair." },
	{ "A fee of 75 euros holds your place and is not refundable.",
	    "The 75 euro fee can't be refunded, as it holds your place.",
	    "The 75 euro fee can be refunded." },
	{ "The shop is open from Monday to Friday.",
	    "At weekends we're not open.", "On Tuesdays we're not open." },
	{ "A cake for 8 people costs 24 euros, for 12 people 34 euros.",
	    "The cake for 12 people costs 34 euros.",
	    "The cake for 8 people costs 34 euros." },
	{ "Die Anzahlung (50 Euro) wird nicht erstattet.",
	    "Die Anzahlung (50 Euro) ist leider nicht erstattbar.",
	    "Die Anzahlung (50 Euro) wird erstattet." },
	{ "Yurt i\u00e7i teslimat 70 lirad\u0131r ve \u00fc\u00e7 g\u00fcn "
	  "s\u00fcrer.",
	    "Yurt i\u00e7i teslimat \u00fccreti 70 TL'dir ve \u00fc\u00e7 "
	    "g\u00fcn s\u00fcrer.",
	    "Yurt i\u00e7i teslimat \u00fccreti 80 TL'dir ve \u00fc\u00e7 "
	    "g\u00fcn s\u00fcrer." },
	{ "\u5927\u5385\u5ea7\u4f4d\u4e0d\u7528\u9884\u8ba2\u3002",
	    "\u5927\u5385\u7684\u5ea7\u4f4d\u4e0d\u9700\u8981\u9884"
	    "\u8ba2\u3002",
	    "\u5927\u5385\u5ea7\u4f4d\u9700\u8981\u9884\u8ba2"
	    "\u3002" },
	{ "Entry is free for children. Adults pay 9 euros.",
	    "Children don't have to pay for entry.",
	    "Adults don't have to pay for entry." },
	{ "\u5468\u4e8c\u95ed\u5e97\u3002",
	    "\u5468\u4e8c\u4e0d\u8425\u4e1a\u3002",
	    "\u5468\u4e8c\u8425\u4e1a\u3002" },
	{ "Die Brille ist nach 7 Tagen fertig.",
	    "Sie k\u00f6nnen die fertige Brille nach 7 Tagen abholen.",
	    "Sie k\u00f6nnen die fertige Brille nach 8 Tagen abholen." },
	{ "Bottles, glass and drones are forbidden.", "Drones are not allowed.",
	    "Glass is allowed." },
};

static void
said_otherwise(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(otherwise); i++) {
		enum ground_reason reason =
		    reason_for(otherwise[i].passage, otherwise[i].same);

		if (reason != GROUND_SUPPORTED)
			fail_msg("\"%s\": %s", otherwise[i].same,
			    ground_reason_text(reason));
		if (reason_for(otherwise[i].passage, otherwise[i].other) ==
		    GROUND_SUPPORTED)
			fail_msg("\"%s\" was sent", otherwise[i].other);
	}
}

/* --- so soon, the best --- */

static void
promised_and_praised(void **state)
{
	static const struct {
		const char *passage, *answer;
	} said[] = {
		{ "Our team answers e-mails.",
		    "We will confirm the date within the hour." },
		{ "Die Werkstatt hat eine Telefonnummer.",
		    "Die Werkstatt antwortet innerhalb einer Stunde." },
		{ "Rezervasyon telefonla yap\u0131l\u0131r.",
		    "Sizi bir saat i\u00e7inde arayaca\u011f\u0131z." },
		{ "Wir haben Preise f\u00fcr alle.",
		    "Wir haben die niedrigsten Preise." },
		{ "\u041d\u0430\u0448\u0438 \u0446\u0435\u043d\u044b "
		  "\u0443\u043a\u0430\u0437\u0430\u043d\u044b.",
		    "\u0423 \u043d\u0430\u0441 "
		    "\u0441\u0430\u043c\u044b\u0435 "
		    "\u043d\u0438\u0437\u043a\u0438\u0435 "
		    "\u0446\u0435\u043d\u044b." },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(said); i++)
		if (reason_for(said[i].passage, said[i].answer) ==
		    GROUND_SUPPORTED)
			fail_msg("\"%s\" was sent", said[i].answer);
	/* What a source says so is none. */
	assert_int_equal(reason_for("We have the lowest prices in town.",
			     "We have the lowest prices in town for you."),
	    GROUND_SUPPORTED);
	assert_int_equal(reason_for("The team answers within an hour.",
			     "You get an answer from the team within an hour."),
	    GROUND_SUPPORTED);
}

/* --- speed --- */

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
speed(void **state)
{
	static const char *const ids[] = { "en.ship", "en.return", "en.store",
		"en.warranty", "en.pay" };
	static const char answer[] =
	    "Standard shipping within the UK costs £4.90 and takes 3 to 5 "
	    "working days, express shipping costs £9.90 and takes 1 to 2 "
	    "working days. Orders above £60 are shipped free of charge. You "
	    "can return unused items within 30 days of delivery; opened "
	    "cosmetics and earrings cannot be returned. Print the label at "
	    "https://www.brightonlamps.example/returns and drop the parcel off "
	    "at any Parcelgate shop. The refund is paid within 14 days to the "
	    "card you used. Our shop in Brighton is open Monday to Friday from "
	    "9:30 am to 6 pm and on Saturday from 10 am to 4 pm. All lamps "
	    "come with a 2-year guarantee.";
	struct ground_source source[5];
	struct ground_input in = { .source = source, .nsources = 5 };
	enum ground_reason reason;
	double ms[99], start;
	char *why;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		const json_t *p = json_object_get(passages, ids[i]);

		source[i].title = json_str(p, "title");
		source[i].section = json_str(p, "section");
		source[i].text = json_str(p, "text");
	}
	for (i = 0; i < 99; i++) {
		/* One that has read none of them before. */
		grounder_free(grounder);
		grounder = grounder_new();
		start = now_ms();
		if (!is_sent(&in, answer, &reason, &why))
			fail_msg("%s", why);
		free(why);
		ms[i] = now_ms() - start;
	}
	qsort(ms, 99, sizeof(ms[0]), by_value);
	printf("# a check of 100 words against 5 passages: %.2f ms\n", ms[49]);
	fflush(stdout);
	/* Sanitizers and busy machines take their time; 2 ms is the goal. */
	assert_true(ms[49] < 20);
}

/* Nothing that fits a message takes long. */
static void
hostile_texts(void **state)
{
	static const char *const pieces[] = { "1 2 3 4 ", "a, not b. ",
		"1-2-3-", "9.9.9.9/", "Anna Berta ", "www.a.example ",
		"\u4e00\u4e8c\u4e09", "9 \u20ac 10:30 ", "\u200b.\u200bcom ",
		"Mo-Fr 9-18 Uhr, " };
	struct ground_source source[5];
	struct ground_input in = { .source = source, .nsources = 5 };
	enum ground_reason reason;
	struct buf text = BUF_INIT(0);
	const char *at;
	double start;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(pieces); i++) {
		buf_reset(&text);
		while (text.len < 4000)
			buf_adds(&text, pieces[i]);
		/* No two alike, or they would be read once. */
		for (n = 0; n < 5; n++) {
			at = text.data + 3 * n * strlen(pieces[i]);
			source[n] =
			    (struct ground_source){ at, at + strlen(pieces[i]),
				    at + 2 * strlen(pieces[i]) };
		}
		start = now_ms();
		is_sent(&in, text.data, &reason, NULL);
		printf("# 64 KB of \"%s\": %.0f ms\n", pieces[i],
		    now_ms() - start);
		fflush(stdout);
		assert_true(now_ms() - start < 20000);
	}
	buf_release(&text);
}

/*
 * Passages that were read before are kept: far more of them than there are
 * places, in one check and over many, give what a grounder gives that has read
 * nothing; and the same text in another language, or a little other, is another.
 */
static void
read_before(void **state)
{
	enum { MANY = 150, BIG = 20000 };
	struct ground_source source[MANY];
	struct ground_input in = { .source = source, .nsources = MANY };
	enum ground_reason reason;
	char *text[MANY], *answer, *big;
	size_t i, round;

	(void)state;
	for (i = 0; i < MANY; i++) {
		text[i] = xformat("A parcel to town %c%c costs %zu euros.",
		    (char)('A' + i / 26), (char)('A' + i % 26), 1000 + i);
		source[i] = (struct ground_source){ "Parcels", NULL, text[i] };
	}
	assert_true(is_sent(&in, "A parcel costs 1149 euros.", &reason, NULL));
	assert_false(is_sent(&in, "A parcel costs 1150 euros.", &reason, NULL));
	in.nsources = 1;
	for (round = 0; round < 3; round++)
		for (i = 0; i < MANY; i++) {
			in.source = &source[i * 7 % MANY];
			answer = xformat("A parcel costs %zu euros.",
			    1000 + i * 7 % MANY);
			assert_true(is_sent(&in, answer, &reason, NULL));
			answer[strlen(answer) - 8]++;
			assert_false(is_sent(&in, answer, &reason, NULL));
			assert_int_equal(reason, GROUND_NUMBER);
			free(answer);
		}
	/* The caller's own strings may go in between. */
	for (i = 0; i < MANY; i++)
		free(text[i]);
	answer = xstrdup("A parcel to town AA costs 1000 euros.");
	source[0].text = answer;
	in.source = source;
	in.language = "en";
	assert_true(is_sent(&in, "It costs 1000 euros.", &reason, NULL));
	memcpy(strstr(answer, "1000"), "1001", 4);
	assert_false(is_sent(&in, "It costs 1000 euros.", &reason, NULL));
	free(answer);
	/* What is too long to be kept is read each time. */
	big = xcalloc(BIG + 1, 1);
	for (i = 0; i < BIG; i += 20)
		memcpy(big + i, "It costs 77 euros.  ", 20);
	source[0].text = big;
	for (round = 0; round < 3; round++) {
		assert_true(is_sent(&in, "It costs 77 euros.", &reason, NULL));
		assert_false(is_sent(&in, "It costs 78 euros.", &reason, NULL));
	}
	free(big);
}

static int
setup(void **state)
{
	json_t *lines = read_lines(FOLDER "passages.jsonl"), *p;
	size_t i;

	(void)state;
	grounder = grounder_new();
	passages = json_object();
	json_array_foreach(lines, i, p)
		json_object_set(passages, json_str(p, "id"), p);
	json_decref(lines);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	grounder_free(grounder);
	json_decref(passages);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_claims),
		cmocka_unit_test(reasons),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(word_for_word),
		cmocka_unit_test(what_nobody_did),
		cmocka_unit_test(what_was_done),
		cmocka_unit_test(what_it_is_counted_by),
		cmocka_unit_test(ends_of_ranges),
		cmocka_unit_test(who_does_it),
		cmocka_unit_test(labels_and_rounding),
		cmocka_unit_test(verbs_in_two_parts),
		cmocka_unit_test(what_a_question_tells),
		cmocka_unit_test(which_are_facts),
		cmocka_unit_test(courtesy),
		cmocka_unit_test(manners_of_all_languages),
		cmocka_unit_test(greetings_and_goodbyes),
		cmocka_unit_test(sums_that_are_right),
		cmocka_unit_test(sums_that_were_asked),
		cmocka_unit_test(exchanged_prices),
		cmocka_unit_test(people_by_name),
		cmocka_unit_test(numbers_in_words),
		cmocka_unit_test(no_contraries),
		cmocka_unit_test(what_is_free),
		cmocka_unit_test(what_is_denied),
		cmocka_unit_test(what_is_flipped),
		cmocka_unit_test(rules_are_no_acts),
		cmocka_unit_test(some_is_not_all),
		cmocka_unit_test(days_of_the_week),
		cmocka_unit_test(days_of_two_shops),
		cmocka_unit_test(heads_of_numbers),
		cmocka_unit_test(another_thing_than_asked),
		cmocka_unit_test(terms_of_its_own),
		cmocka_unit_test(what_the_desk_said),
		cmocka_unit_test(what_the_customer_said),
		cmocka_unit_test(what_was_asked),
		cmocka_unit_test(the_verdict),
		cmocka_unit_test(mutation),
		cmocka_unit_test(read_before),
		cmocka_unit_test(wordings),
		cmocka_unit_test(fresh_wordings),
		cmocka_unit_test(shops),
		cmocka_unit_test(beside_the_question),
		cmocka_unit_test(within_limits),
		cmocka_unit_test(limits_of_the_thing_asked),
		cmocka_unit_test(what_is_included_costs_nothing_more),
		cmocka_unit_test(called_by_name),
		cmocka_unit_test(left_out_conditions),
		cmocka_unit_test(said_otherwise),
		cmocka_unit_test(promised_and_praised),
		cmocka_unit_test(speed),
		cmocka_unit_test(hostile_texts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
