/*
 * replies - the words of the desk itself, in several languages
 *
 * Short, and true whatever happens next: a person will come, no time is
 * promised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "desk/variables.h"

#define TAG_MAX_BYTES 36
#define REPLY_CUT_MIN_BYTES 16 /* of a sentence that is known again */

const char *const reply_names[] = { "holding", "no_answer", "failed",
	"unsupported", "closed", "rest", "greeting", "thanks", "options",
	"go_ahead", "opt_out", "human", "unheard", "survey", "foreign", NULL };

static const struct {
	const char *language;
	const char *text[15]; /* in the order of reply_names */
} ours[] = {
	{ "en",
	    { "Thank you, I am handing you over to a colleague, who will "
	      "answer you here.",
		"I do not have a sure answer to that. I have asked a "
		"colleague, who will answer you here.",
		"Something went wrong on our side. I have asked a colleague, "
		"who will answer you here.",
		"I cannot read this kind of message. I have asked a colleague, "
		"who will answer you here; writing it as text helps.",
		"Thank you for your message. We are closed right now and will "
		"answer you here when we are back.",
		"I have no sure answer to the rest. I have asked a colleague, "
		"who will answer you here.",
		"Hello! What can we do for you?", "You are welcome.", "Options",
		"Go ahead, please: what would you like to know?",
		"Understood: you want no more messages. I have told a "
		"colleague, who will see to it.",
		"You can also ask for a person here at any time.",
		"I could not listen to your voice message. I have asked a "
		"colleague, who will answer you here; writing it as text helps.",
		"How did we do? Please choose from 1 to 5; a word about it afterwards is welcome.",
		"Our documents say this in another language:" } },
	{ "es",
	    { "Gracias, le paso con un compañero, que le responderá por aquí.",
		"No tengo una respuesta segura a eso. He avisado a un "
		"compañero, que le responderá por aquí.",
		"Algo ha fallado por nuestra parte. He avisado a un "
		"compañero, que le responderá por aquí.",
		"No puedo leer este tipo de mensaje. He avisado a un "
		"compañero, que le responderá por aquí; si lo escribe como "
		"texto, mejor.",
		"Gracias por su mensaje. Ahora estamos cerrados y le "
		"responderemos por aquí cuando volvamos.",
		"No tengo una respuesta segura al resto. He avisado a un "
		"compañero, que le responderá por aquí.",
		"¡Hola! ¿En qué podemos ayudarle?", "De nada.", "Opciones",
		"Dígame, por favor: ¿qué desea saber?",
		"Entendido: no desea más mensajes. He avisado a un compañero, "
		"que se ocupará de ello.",
		"También puede pedir aquí que le atienda una persona.",
		"No he podido escuchar su mensaje de voz. He avisado a un "
		"compañero, que le responderá por aquí; si lo escribe como texto, "
		"mejor.",
		"¿Qué tal lo hemos hecho? Elija de 1 a 5, por favor; si después quiere añadir unas palabras, se lo agradecemos.",
		"Nuestros documentos lo dicen en otro idioma:" } },
	{ "de",
	    { "Danke, ich gebe Sie an eine Kollegin oder einen Kollegen "
	      "weiter; die Antwort kommt hier.",
		"Darauf habe ich keine sichere Antwort. Ich habe im Team "
		"nachgefragt; die Antwort kommt hier.",
		"Bei uns ist etwas schiefgegangen. Ich habe das Team "
		"verständigt; die Antwort kommt hier.",
		"Diese Art von Nachricht kann ich nicht lesen. Ich habe das "
		"Team verständigt; die Antwort kommt hier. Als Text "
		"geschrieben geht es leichter.",
		"Danke für Ihre Nachricht. Wir haben gerade geschlossen und "
		"antworten hier, sobald wir zurück sind.",
		"Auf den Rest habe ich keine sichere Antwort. Ich habe im Team "
		"nachgefragt; die Antwort kommt hier.",
		"Hallo! Was können wir für Sie tun?", "Gern geschehen.",
		"Auswahl", "Bitte, nur zu: Was möchten Sie wissen?",
		"Verstanden: Sie möchten keine weiteren Nachrichten. Ich habe "
		"das Team verständigt, das sich darum kümmert.",
		"Sie können hier jederzeit auch nach einem Menschen fragen.",
		"Ihre Sprachnachricht konnte ich nicht anhören. Ich habe das "
		"Team verständigt; die Antwort kommt hier. Als Text "
		"geschrieben geht es leichter.",
		"Wie zufrieden waren Sie mit uns? Bitte wählen Sie von 1 bis 5; ein Wort dazu danach ist willkommen.",
		"Unsere Unterlagen sagen dazu in einer anderen Sprache:" } },
	{ "fr",
	    { "Merci, je vous passe à un collègue, qui vous répondra ici.",
		"Je n'ai pas de réponse sûre à cela. J'ai prévenu un "
		"collègue, qui vous répondra ici.",
		"Un problème est survenu de notre côté. J'ai prévenu un "
		"collègue, qui vous répondra ici.",
		"Je ne peux pas lire ce type de message. J'ai prévenu un "
		"collègue, qui vous répondra ici ; l'écrire en texte aide.",
		"Merci pour votre message. Nous sommes fermés pour le moment "
		"et vous répondrons ici à notre retour.",
		"Je n'ai pas de réponse sûre au reste. J'ai prévenu un "
		"collègue, qui vous répondra ici.",
		"Bonjour ! Que pouvons-nous faire pour vous ?",
		"Je vous en prie.", "Choisir",
		"Je vous écoute : que souhaitez-vous savoir ?",
		"C'est noté : vous ne souhaitez plus de messages. J'ai prévenu "
		"un collègue, qui s'en occupe.",
		"Vous pouvez aussi demander ici à parler à une personne.",
		"Je n'ai pas pu écouter votre message vocal. J'ai prévenu un "
		"collègue, qui vous répondra ici ; l'écrire en texte aide.",
		"Avez-vous été satisfait de nous ? Choisissez de 1 à 5, s'il vous plaît ; un mot ensuite est le bienvenu.",
		"Nos documents le disent dans une autre langue :" } },
	{ "pt",
	    { "Obrigado, vou passar a conversa a um colega, que lhe "
	      "responderá por aqui.",
		"Não tenho uma resposta segura para isso. Avisei um colega, "
		"que lhe responderá por aqui.",
		"Algo falhou do nosso lado. Avisei um colega, que lhe "
		"responderá por aqui.",
		"Não consigo ler este tipo de mensagem. Avisei um colega, "
		"que lhe responderá por aqui; escrever em texto ajuda.",
		"Obrigado pela sua mensagem. Estamos fechados agora e "
		"responderemos por aqui quando voltarmos.",
		"Não tenho uma resposta segura para o resto. Avisei um "
		"colega, que lhe responderá por aqui.",
		"Olá! Em que podemos ajudar?", "De nada.", "Opções",
		"Diga, por favor: o que gostaria de saber?",
		"Entendido: não quer mais mensagens. Avisei um colega, que "
		"tratará disso.",
		"Também pode pedir aqui para falar com uma pessoa.",
		"Não consegui ouvir a sua mensagem de voz. Avisei um colega, "
		"que lhe responderá por aqui; escrever em texto ajuda.",
		"Como nos saímos? Escolha de 1 a 5, por favor; se depois quiser deixar umas palavras, agradecemos.",
		"Os nossos documentos dizem isto noutra língua:" } },
	{ "it",
	    { "Grazie, La passo a un collega, che Le risponderà qui.",
		"Non ho una risposta sicura. Ho avvisato un collega, che Le "
		"risponderà qui.",
		"Qualcosa è andato storto da parte nostra. Ho avvisato un "
		"collega, che Le risponderà qui.",
		"Non posso leggere questo tipo di messaggio. Ho avvisato un "
		"collega, che Le risponderà qui; scriverlo come testo aiuta.",
		"Grazie per il Suo messaggio. Adesso siamo chiusi e Le "
		"risponderemo qui al nostro ritorno.",
		"Per il resto non ho una risposta sicura. Ho avvisato un "
		"collega, che Le risponderà qui.",
		"Buongiorno! Come possiamo aiutarLa?", "Prego.", "Opzioni",
		"Mi dica pure: che cosa desidera sapere?",
		"Ricevuto: non desidera altri messaggi. Ho avvisato un "
		"collega, che se ne occuperà.",
		"Può anche chiedere qui di parlare con una persona.",
		"Non ho potuto ascoltare il Suo messaggio vocale. Ho avvisato un "
		"collega, che Le risponderà qui; scriverlo come testo aiuta.",
		"Come Le è sembrato il nostro servizio? Scelga da 1 a 5, per favore; due parole dopo sono gradite.",
		"I nostri documenti lo dicono in un'altra lingua:" } },
	{ "nl",
	    { "Dank u, ik geef u door aan een collega, die u hier antwoordt.",
		"Daar heb ik geen zeker antwoord op. Ik heb een collega "
		"gevraagd, die u hier antwoordt.",
		"Er ging bij ons iets mis. Ik heb een collega gevraagd, die u "
		"hier antwoordt.",
		"Dit soort bericht kan ik niet lezen. Ik heb een collega "
		"gevraagd, die u hier antwoordt; als tekst schrijven helpt.",
		"Dank u voor uw bericht. We zijn nu gesloten en antwoorden "
		"hier zodra we terug zijn.",
		"Op de rest heb ik geen zeker antwoord. Ik heb een collega "
		"gevraagd, die u hier antwoordt.",
		"Hallo! Wat kunnen we voor u doen?", "Graag gedaan.", "Opties",
		"Zegt u het maar: wat wilt u weten?",
		"Begrepen: u wilt geen berichten meer. Ik heb een collega "
		"gevraagd, die ervoor zorgt.",
		"U kunt hier ook altijd naar een mens vragen.",
		"Ik kon uw spraakbericht niet beluisteren. Ik heb een collega "
		"gevraagd, die u hier antwoordt; als tekst schrijven helpt.",
		"Hoe hebben we het gedaan? Kies van 1 tot 5; een woord erover daarna is welkom.",
		"Onze documenten zeggen dit in een andere taal:" } },
};

static const char *
our_text(const char *name, const char *tag)
{
	size_t i, n;

	for (n = 0; reply_names[n] != NULL; n++)
		if (strcmp(reply_names[n], name) == 0)
			break;
	if (reply_names[n] == NULL)
		return NULL;
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(ours[i].language, tag) == 0)
			return ours[i].text[n];
	return NULL;
}

#define BUTTONS "buttons_"

/* Theirs, then ours (if it has a name), for "pt-BR" and then for "pt". */
static const char *
in_language(const struct conf *c, const char *section, const char *prefix,
    const char *name, const char *language)
{
	char tag[TAG_MAX_BYTES], key[TAG_MAX_BYTES + sizeof(BUTTONS)];
	const char *text = NULL;
	size_t len = strcspn(language, " \n"); /* the first of several */

	while (text == NULL && len > 0 && len < sizeof(tag)) {
		memcpy(tag, language, len);
		tag[len] = '\0';
		snprintf(key, sizeof(key), "%s%s", prefix, tag);
		if (c != NULL)
			text = conf_get(c, section, key);
		if (text == NULL && name != NULL)
			text = our_text(name, tag);
		do /* its base */
			len--;
		while (len > 0 && language[len] != '-');
	}
	return text;
}

/* The text in the language, else the desk's, else English, else any; *ret is for
 * which of them it was taken. */
static const char *
best(const struct conf *c, const char *section, const char *name,
    const char *language, const char **ret)
{
	const char *each[] = { language, setting_text(c, "desk", "language"),
		"en" };
	const struct conf_entry *e;
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		if (each[i] == NULL)
			continue;
		*ret = each[i];
		text = in_language(c, section, "", name, each[i]);
		if (text != NULL)
			return text;
	}
	for (i = 0; c != NULL && (e = conf_entry(c, i)) != NULL; i++)
		if (strcmp(e->section, section) == 0 &&
		    !str_starts(e->key, BUTTONS)) {
			*ret = e->key;
			return e->value;
		}
	return NULL;
}

const char *
reply_text(const struct conf *c, const char *name, const char *language)
{
	char *section = xformat("reply %s", name);
	const char *text = best(c, section, name, language, &language);

	free(section);
	return text;
}

const char *
reply_text_in(const struct conf *c, const char *name, const char *language)
{
	char *section = xformat("reply %s", name);
	const char *text = in_language(c, section, "", name, language);

	free(section);
	return text;
}

/* Cut a sentence from text wherever it stands, with the stop behind it. */
static void
cut(char *text, const char *sentence)
{
	char *what = xstrdup(sentence), *at, *end;
	size_t len = strlen(what);

	while (len > 0 && strchr(".! ", what[len - 1]) != NULL)
		what[--len] = '\0';
	/* A word or two may be part of any sentence. */
	at = len < REPLY_CUT_MIN_BYTES ? NULL : strstr(text, what);
	for (; at != NULL; at = strstr(at, what)) {
		end = at + len;
		end += strspn(end, ".!");
		if ((at == text || strchr(" \n", at[-1]) != NULL) &&
		    (*end == '\0' || strchr(" \n", *end) != NULL))
			memmove(at, end, strlen(end) + 1);
		else
			at = end;
	}
	free(what);
}

char *
reply_left_out(const struct conf *c, const char *name, const char *text)
{
	char *section = xformat("reply %s", name), *rest = xstrdup(text), *ret;
	const struct conf_entry *e;
	const char *own;
	size_t i;

	for (i = 0; c != NULL && (e = conf_entry(c, i)) != NULL; i++)
		if (strcmp(e->section, section) == 0 &&
		    !str_starts(e->key, BUTTONS))
			cut(rest, e->value);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if ((own = our_text(name, ours[i].language)) != NULL)
			cut(rest, own);
	ret = xstrdup(str_trim(rest));
	free(rest);
	free(section);
	return ret;
}

/* "A | B" as a list that ends in NULL. */
static size_t
split(const char *text, char **titles)
{
	char *copy = xstrdup(text), *at = copy, *bar;
	size_t n = 0;

	for (; at != NULL && n < REPLY_BUTTONS_MAX + 1; at = bar) {
		bar = strchr(at, '|');
		if (bar != NULL)
			*bar++ = '\0';
		titles[n++] = xstrdup(str_trim(at));
	}
	free(copy);
	return n;
}

size_t
reply_buttons(const struct conf *c, const char *name, const char *language,
    char *titles[REPLY_BUTTONS_MAX])
{
	char *section = xformat("reply %s", name), *all[REPLY_BUTTONS_MAX + 1];
	const char *text = NULL;
	size_t n, i;

	if (best(c, section, name, language, &language) != NULL)
		text = in_language(c, section, BUTTONS, NULL, language);
	n = text != NULL && *text != '\0' ? split(text, all) : 0;
	free(section);
	for (i = 0; i < n && i < REPLY_BUTTONS_MAX; i++)
		titles[i] = all[i];
	if (n > REPLY_BUTTONS_MAX)
		free(all[--n]);
	return n;
}

static int
check_buttons(const char *value)
{
	char *titles[REPLY_BUTTONS_MAX + 1];
	size_t n = split(value, titles), i, j;
	int code = 0;

	if (n > REPLY_BUTTONS_MAX)
		code = err_set(ERR_DATA, "more than %d buttons",
		    REPLY_BUTTONS_MAX);
	for (i = 0; i < n && code == 0; i++) {
		if (*titles[i] == '\0' ||
		    utf8_length(titles[i]) > REPLY_BUTTON_CHARACTERS)
			code =
			    err_set(ERR_DATA, "a button has 1 to %d characters",
				REPLY_BUTTON_CHARACTERS);
		for (j = 0; j < i; j++)
			if (code == 0 && strcmp(titles[i], titles[j]) == 0)
				code = err_set(ERR_DATA,
				    "two buttons are the same");
	}
	for (i = 0; i < n; i++)
		free(titles[i]);
	return code;
}

int
reply_check(const char *key, const char *value)
{
	return str_starts(key, BUTTONS) ? check_buttons(value) :
					  variables_check(value);
}
