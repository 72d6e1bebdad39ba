/* smalltalk - hello, thanks and "I have a question", which ask for nothing */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ai/smalltalk.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"

/* As analyse_words() makes them: folded, without what an apostrophe cuts off
 * ("that's all" is "that all", "d'accord" is "accord"). */
static const char *const greetings[] = {
	/* en */ "hello", "hi", "hey", "hiya", "howdy", "good morning",
	"good afternoon", "good evening", "good day", "morning", "greetings",
	"how are you", "how are you doing", "how is it going", "hows it going",
	"how it going", "whats up", "what up", "nice to meet you",
	"hope you are well", "i hope you are well", "hope you well",
	"i hope you well", "hope youre well", "hope you are doing well",
	"hope all is well", "i hope all is well", "hope this finds you well",
	/* es */ "hola", "buenas", "buenos dias", "buen dia", "buenas tardes",
	"buenas noches", "que tal", "como estas", "como esta", "saludos",
	"espero que este bien", "espero que esten bien",
	"espero que estes bien",
	/* de */ "hallo", "guten tag", "guten morgen", "guten abend", "moin",
	"servus", "gruss gott", "gruess gott", "grus gott", "grusse",
	"wie geht es ihnen", "wie geht", "wie gehts",
	"ich hoffe es geht ihnen gut", "hoffe es geht ihnen gut",
	"ich hoffe ihnen geht es gut",
	/* fr */ "bonjour", "bonsoir", "salut", "coucou", "comment allez vous",
	"ca va", "espere que vous allez bien",
	/* pt */ "ola", "oi", "bom dia", "boa tarde", "boa noite", "tudo bem",
	"espero que esteja bem", "espero que estejam bem",
	/* it */ "ciao", "salve", "buongiorno", "buon giorno", "buonasera",
	"buona sera", "come sta", "come stai", "spero che stia bene",
	"spero tutto bene",
	/* nl */ "hoi", "goedemorgen", "goedemiddag", "goedenavond",
	"goedendag", "goeie morgen", "dag", "hoe gaat het",
	"ik hoop dat het goed gaat", "hopelijk gaat het goed",
	/* ar */ "مرحبا", "مرحبا بك", "مرحبا بكم", "اهلا", "اهلا وسهلا",
	"اهلا بك", "اهلا بكم", "السلام عليكم", "السلام عليكم ورحمة الله",
	"السلام عليكم ورحمة الله وبركاته", "صباح الخير", "مساء الخير",
	"صباح النور", "مساء النور", "كيف حالك", "كيف حالكم", "كيف الحال", "هلا",
	"تحية طيبة",
	/* fa */ "سلام", "سلام علیکم", "درود", "صبح بخیر", "ظهر بخیر",
	"عصر بخیر", "شب بخیر", "وقت بخیر", "روز بخیر", "خسته نباشید",
	"حال شما چطور است", "حالتان چطور است", "خوبید", "خوب هستید",
	/* hi */ "नमस्ते", "नमस्कार", "प्रणाम", "सुप्रभात", "शुभ संध्या", "राम राम",
	"हैलो", "हेलो", "हाय", "आप कैसे हैं", "कैसे हैं आप", "कैसे हो",
	/* hi-Latn */ "namaste", "namaskar", "namaskaar", "pranam", "ram ram",
	"kaise ho", "aap kaise ho", "kaise hain", "aap kaise hain",
	"kaise hain aap", "kaise ho aap", "kya haal hai", "suprabhat", "salaam",
	/* id */ "halo", "hai", "selamat pagi", "selamat siang", "selamat sore",
	"selamat malam", "pagi", "siang", "malam", "apa kabar",
	"assalamualaikum", "permisi",
	/* ko */ "안녕하세요", "안녕", "안녕하십니까", "반갑습니다",
	"좋은 아침입니다", "좋은 아침이에요", "처음 뵙겠습니다", "수고하십니다",
	"여보세요",
	/* pl */ "dzien dobry", "czesc", "witam", "witaj", "hej", "siema",
	"dobry wieczor", "jak sie masz", "co słychac", "co slychac",
	/* ru */ "здравствуите", "здравствуи", "привет", "приветствую",
	"добрыи день", "доброе утро", "добрыи вечер", "доброго дня",
	"доброго вечера", "доброго времени суток", "как дела", "как поживаете",
	/* sv */ "hejsan", "halla", "god morgon", "god dag", "god kvall",
	"god eftermiddag", "tjena", "hur mar du", "hur ar laget",
	"hoppas allt ar bra", "hoppas att allt ar bra",
	/* tr */ "merhaba", "merhabalar", "selam", "selamlar", "gunaydın",
	"gunaydin", "iyi gunler", "iyi aksamlar", "iyi sabahlar", "tunaydın",
	"tunaydin", "nasılsınız", "nasilsiniz", "nasılsın", "nasilsin",
	"selamun aleykum", "kolay gelsin", "iyi calısmalar", "iyi calismalar",
	/* uk */ "вітаю", "привіт", "добрии день", "добрии ранок",
	"доброго ранку", "добрии вечір", "доброго вечора", "добридень",
	"здрастуите", "як справи",
	/* vi */ "xin chao", "chao ban", "chao anh", "chao chi", "chao em",
	"chao shop", "chao buoi sang", "chao buoi chieu", "chao buoi toi",
	"chao moi nguoi", "alo", "ban khoe khong",
	/* fi */ "hei", "moi", "terve", "huomenta", "hyvaa paivaa",
	"hyvaa huomenta", "hyvaa iltaa",
	/* da, no */ "goddag", "hejsa", "god aften", "heisann", "god kveld",
	/* cs */ "dobry den", "ahoj", "dobre rano",
	/* hu */ "jo napot", "jo napot kivanok", "szia", "sziasztok",
	/* ro */ "buna ziua", "buna", "buna dimineata", "buna seara",
	/* el */ "γεια σασ", "γεια", "καλημερα", "καλησπερα",
	/* he */ "שלום", "היי", "בוקר טוב", "ערב טוב", NULL
};

static const char *const thanks[] = {
	/* en */ "thanks", "thank you", "thank u", "thx", "ty", "tnx", "cheers",
	"many thanks", "much appreciated", "ok", "okay", "okey", "k", "got it",
	"great", "perfect", "cool", "super", "nice", "awesome", "excellent",
	"wonderful", "fine", "all right", "alright", "understood", "i see",
	"that helps", "that helped", "that is all", "that all", "thats all",
	"that is great", "that great", "thats great", "no worries", "bye",
	"bye bye", "goodbye", "good bye", "see you", "see you soon",
	"see you later", "have a nice day", "have a good day",
	"have a great day", "good night", "you are great", "you great",
	/* es */ "gracias", "muchas gracias", "mil gracias", "vale", "perfecto",
	"genial", "estupendo", "de acuerdo", "entendido", "muy amable", "adios",
	"hasta luego", "hasta pronto", "chao", "buen fin de semana", "muy bien",
	"que tenga un buen dia",
	/* de */ "danke", "danke schon", "danke schoen", "dankeschon",
	"vielen dank", "besten dank", "herzlichen dank", "alles klar", "prima",
	"toll", "in ordnung", "verstanden", "gut", "perfekt", "tschuss",
	"tschuess", "auf wiedersehen", "bis bald", "bis dann", "gute nacht",
	"schonen tag", "schonen tag noch", "einen schonen tag",
	"einen schonen tag noch", "merci vielmals", "danke dir", "danke ihnen",
	/* fr */ "merci", "merci beaucoup", "merci bien", "accord", "daccord",
	"parfait", "genial", "tres bien", "compris", "entendu", "au revoir",
	"a bientot", "bonne journee", "bonne soiree", "bonne nuit",
	/* pt */ "obrigado", "obrigada", "muito obrigado", "muito obrigada",
	"valeu", "perfeito", "otimo", "certo", "entendi", "esta bem", "tchau",
	"adeus", "ate logo", "ate breve",
	/* it */ "grazie", "grazie mille", "mille grazie", "molte grazie",
	"perfetto", "va bene", "capito", "accordo", "ottimo", "arrivederci",
	"a presto", "buona giornata", "buona serata", "buona notte",
	/* nl */ "dank", "dank u", "dank u wel", "dank je", "dank je wel",
	"dankjewel", "dankuwel", "bedankt", "hartelijk dank", "oke", "prima",
	"duidelijk", "begrepen", "perfect", "tot ziens", "doei", "fijne dag",
	"fijne dag nog",
	/* ar */ "شكرا", "شكرا جزيلا", "شكرا لك", "شكرا لكم", "شكرا كثيرا",
	"مشكور", "مشكورين", "تسلم", "الف شكر", "جزاك الله خيرا",
	"يعطيك العافية", "تمام", "حسنا", "طيب", "ممتاز", "رايع", "فهمت",
	"مع السلامة", "الى اللقاء", "وداعا", "يوم سعيد", "تصبح على خير",
	/* fa */ "ممنون", "ممنونم", "متشکرم", "مرسی", "سپاس", "سپاسگزارم",
	"تشکر", "دست شما درد نکند", "دستتان درد نکند", "باشه", "باشد", "اوکی",
	"عالی", "عالیه", "خوبه", "خیلی خوب", "فهمیدم", "متوجه شدم", "چشم",
	"خداحافظ", "خدا حافظ", "خدانگهدار", "روز خوش", "شب خوش",
	"روز خوبی داشته باشید",
	/* hi */ "धन्यवाद", "शुक्रिया", "आभार", "थैंक्यू", "थैंक यू", "ठीक है", "ठीक",
	"अच्छा", "बढिया", "समझ गया", "समझ गई", "ओके", "अलविदा", "फिर मिलेंगे",
	"शुभ रात्रि", "शुभ दिन",
	/* hi-Latn */ "dhanyavad", "dhanyawad", "dhanyavaad", "shukriya",
	"thik hai", "theek hai", "thik h", "accha", "acha", "achha", "badhiya",
	"samajh gaya", "samajh gayi", "alvida", "phir milenge", "shubh ratri",
	"thankyou",
	/* id */ "terima kasih", "terima kasih banyak", "terimakasih",
	"makasih", "makasi", "trims", "baik", "baiklah", "siap", "sip",
	"mantap", "bagus", "paham", "mengerti", "sampai jumpa", "sampai nanti",
	"selamat tinggal", "dadah", "jelas", "semoga harimu menyenangkan",
	/* ko */ "감사합니다", "감사해요", "고마워요", "고마워", "고맙습니다",
	"대단히 감사합니다", "알겠습니다", "알겠어요", "넵", "좋아요",
	"좋습니다", "완벽해요", "확인했습니다", "안녕히 계세요",
	"안녕히 가세요", "수고하세요", "좋은 하루 되세요", "잘 자요", "오케이",
	/* pl */ "dziekuje", "dzieki", "wielkie dzieki", "dziekujemy",
	"swietnie", "dobrze", "dobra", "rozumiem", "jasne", "w porzadku",
	"okej", "zrozumiałem", "zrozumialem", "zrozumiałam", "zrozumialam",
	"do widzenia", "do zobaczenia", "na razie", "miłego dnia",
	"milego dnia", "dobranoc", "pozdrawiam",
	/* ru */ "спасибо", "спасибо большое", "большое спасибо",
	"огромное спасибо", "благодарю", "благодарю вас", "спс", "хорошо",
	"ладно", "понятно", "понял", "поняла", "ясно", "отлично", "супер",
	"прекрасно", "ок", "океи", "до свидания", "пока", "всего доброго",
	"всего хорошего", "до встречи", "хорошего дня", "доброи ночи",
	"спокоинои ночи",
	/* sv */ "tack", "tack sa mycket", "tusen tack", "stort tack", "tackar",
	"perfekt", "toppen", "jattebra", "vad bra", "kanon", "jag forstar",
	"forstar", "hej da", "hejda", "vi ses", "ha en bra dag", "ha det bra",
	"god natt",
	/* tr */ "tesekkurler", "tesekkur ederim", "tesekkur ederiz", "sag ol",
	"sag olun", "sagol", "sagolun", "eyvallah", "tamam", "tamamdır",
	"tamamdir", "peki", "anladım", "anladim", "super", "harika", "mukemmel",
	"gorusuruz", "hosca kal", "hosca kalın", "hosca kalin", "hoscakalın",
	"hoscakalin", "gule gule", "iyi geceler", "iyi gunler dilerim",
	/* uk */ "дякую", "щиро дякую", "спасибі", "вдячнии", "вдячна", "добре",
	"гаразд", "зрозуміло", "зрозумів", "зрозуміла", "чудово",
	"до побачення", "буваите", "на все добре", "гарного дня", "доброі ночі",
	"на добраніч",
	/* vi */ "cam on", "xin cam on", "cam on ban", "cam on nhieu",
	"cam on rat nhieu", "duoc roi", "tot qua", "tuyet", "tuyet voi",
	"hieu roi", "toi hieu roi", "tam biet", "hen gap lai",
	"chuc mot ngay tot lanh", "chuc ngu ngon",
	/* fi */ "kiitos", "kiitos paljon", "paljon kiitoksia", "kiitti",
	"kiitos avusta", "selva", "hyva", "nakemiin", "hei hei", "moi moi",
	"hyvaa paivanjatkoa",
	/* da, no */ "mange tak", "tusind tak", "tak for hjælpen",
	"tak for det", "takk", "tusen takk", "mange takk", "takk for hjelpen",
	"takk for det", "farvel", "ha det", "ha det bra", "ha en god dag",
	/* cs */ "dekuji", "dekuji moc", "diky", "moc dekuji", "rozumim",
	"na shledanou", "nashledanou", "hezky den",
	/* hu */ "koszonom", "koszonom szepen", "koszi", "rendben", "ertem",
	"viszontlatasra", "viszlat", "szep napot",
	/* ro */ "multumesc", "multumesc mult", "mersi", "am inteles",
	"la revedere", "o zi buna",
	/* el */ "ευχαριστω", "ευχαριστω πολυ", "ενταξει", "καταλαβα", "αντιο",
	/* he */ "תודה", "תודה רבה", "הבנתי", "להתראות", NULL
};

/* Around the others; nothing by themselves. */
static const char *const fillers[] = { "there", "all", "everyone", "everybody",
	"team", "sir", "madam", "very", "so", "a lot", "lots", "again", "much",
	"anyway", "though", "for your help", "for the help", "for your answer",
	"for the answer", "for the info", "for your time", "for everything",
	"then", "and", "oh", "y", "a todos", "por todo", "por la ayuda",
	"por su ayuda", "muy", "entonces", "und", "sehr", "zusammen",
	"fur die hilfe", "fur ihre hilfe", "dann", "et", "a tous",
	"pour votre aide", "e", "pela ajuda", "per aiuto", "per tutto", "en",
	"voor de hulp", "allemaal",
	/* ar */ "جدا", "جميعا", "لكم", "على المساعدة", "على مساعدتك",
	"على مساعدتكم", "على الرد", "و", "يا",
	/* fa */ "خیلی", "شما", "از شما", "از کمک شما", "بابت کمک",
	"بابت کمک شما", "از راهنمایی شما", "دوستان", "عزیز",
	/* hi */ "जी", "बहुत", "आपका", "आपकी मदद के लिए", "मदद के लिए", "सर",
	"मैडम", "भाई", "और", "सबको",
	/* hi-Latn */ "ji", "bhai", "bahut", "aapka", "madad ke liye",
	/* id */ "ya", "kak", "min", "gan", "pak", "bu", "mas", "mbak",
	"banyak", "semua", "semuanya", "atas bantuannya", "atas bantuan anda",
	"atas jawabannya", "sekali", "dan",
	/* ko */ "네", "예", "정말", "많이", "너무", "여러분", "도와주셔서",
	"그럼",
	/* pl */ "bardzo", "serdecznie", "wszystkim", "panstwu", "pani", "panu",
	"za pomoc", "za odpowiedz", "i",
	/* ru */ "вам", "всем", "очень", "за помощь", "за ответ",
	"за информацию", "за подсказку", "и", "тогда",
	/* sv */ "sa", "alla", "for hjalpen", "for svaret", "och", "da",
	/* tr */ "cok", "herkese", "yardımınız icin", "yardiminiz icin",
	"yardım icin", "yardim icin", "cevap icin", "ve", "o zaman",
	/* uk */ "всім", "дуже", "за допомогу", "за відповідь", "і", "та",
	/* vi */ "ban", "anh", "chi", "em", "shop", "a", "nhe", "nhieu", "rat",
	"moi nguoi", "vang", "da giup do", NULL };

/* What says that there is a question, or a wish for help ... */
static const char *const asks[] = { "question", "questions", "query", "queries",
	"thing", "things", "cosa", "cosas", "sache", "sachen", "dinge", "chose",
	"choses", "coisa", "coisas", "cose", "ding", "dingen", "enquiry",
	"inquiry", "ask", "help", "pregunta", "preguntas", "preguntar",
	"preguntarle", "preguntarte", "preguntita", "duda", "dudas", "consulta",
	"consultas", "consultar", "ayuda", "ayudar", "ayudarme", "ayudan",
	"frage", "fragen", "anfrage", "hilfe", "helfen", "demander", "aide",
	"aider", "renseignement", "renseignements", "pergunta", "perguntas",
	"perguntar", "duvida", "duvidas", "ajuda", "ajudar", "domanda",
	"domande", "domandina", "chiedere", "chiederle", "chiedervi", "aiuto",
	"aiutare", "aiutarmi", "vraag", "vraagje", "vragen", "hulp", "helpen",
	/* ar */ "سوال", "اسيلة", "استفسار", "اسال", "اسالك", "اسالكم",
	"مساعدة", "مساعدتي", "تساعدني", "تساعدوني", "المساعدة",
	/* fa */ "سوالی", "پرسش", "پرسشی", "کمک", "کمکی", "بپرسم",
	/* hi */ "सवाल", "प्रश्न", "मदद", "पूछना", "पूछ",
	/* hi-Latn */ "sawal", "sawaal", "prashn", "madad", "puchna", "poochna",
	"puch",
	/* id */ "pertanyaan", "tanya", "bertanya", "nanya", "bantuan", "bantu",
	"dibantu",
	/* ko */ "질문", "질문이", "질문있어요", "질문있습니다", "문의",
	"문의가", "문의드립니다", "궁금한", "여쭤볼", "물어볼", "도움",
	"도움이", "도와주세요", "도와주실",
	/* pl */ "pytanie", "pytania", "pytanko", "zapytac", "spytac", "pomoc",
	"pomocy",
	/* ru */ "вопрос", "вопросы", "вопросик", "спросить", "узнать",
	"помощь", "помогите", "помочь",
	/* sv */ "fraga", "fragor", "hjalp", "hjalpa",
	/* tr */ "soru", "sorum", "sorular", "sorularım", "sorularim", "sormak",
	"sorabilir", "yardım", "yardim", "yardıma", "yardima", "yardımcı",
	"yardimci", "danısmak", "danismak",
	/* uk */ "питання", "запитання", "запитати", "спитати", "дізнатися",
	"допомога", "допоможіть", "допомогти",
	/* vi */ "cho toi hoi", "cho minh hoi", "cho em hoi", "cho hoi",
	"xin hoi", "toi muon hoi", "minh muon hoi", "em muon hoi", "muon hoi",
	"cau hoi", "giup", "giup do", "ho tro", "tu van", "thac mac", NULL };

/* What leads to a question, where nothing comes behind it yet. */
static const char *const leads[] = { "so", "well", "i was wondering",
	"i was just wondering", "i wonder", "i wanted to know", "pues", "a ver",
	"queria saber", "quisiera saber", "also", "und zwar",
	"ich wollte wissen", "ich wollte fragen", "donc", "je voulais savoir",
	"entao", "seguinte", "o seguinte", "gostaria de saber", "allora",
	"dunque", "volevo sapere", "dus", "nou", "ik wilde weten", NULL };

/* ... and what may stand around it without being one itself. */
static const char *const around_asks[] = { /* en */ "i", "have", "had", "got",
	"ve", "a", "an", "one", "another", "some", "few", "couple", "of", "two",
	"more", "quick", "quickly", "small", "short", "simple", "little",
	"brief", "general", "just", "also", "still", "please", "pls", "plz",
	"can", "could", "may", "might", "would", "d", "like", "want", "wanted",
	"need", "to", "you", "u", "me", "my", "something", "for", "if", "be",
	"it", "is", "ok", "okay", "but", "with", "us", "here", "three",
	/* numbers */ "tres", "zwei", "drei", "deux", "trois", "dois", "duas",
	"due", "tre", "twee", "drie",
	/* es */ "tengo", "tenia", "una", "unas", "un", "poco", "otra", "dos",
	"alguna", "algunas", "pequena", "rapida", "puedo", "podria", "puede",
	"pueden", "puedes", "podrian", "hacer", "hacerle", "hacerte",
	"hacerles", "os", "le", "les", "te", "me", "algo", "por", "favor",
	"necesito", "quiero", "quisiera", "queria", "de", "solo", "con", "pero",
	/* de */ "ich", "habe", "hab", "hatte", "eine", "ne", "noch", "nur",
	"kurze", "kleine", "ein", "paar", "mal", "kurz", "darf", "kann",
	"konnte", "konnen", "konnten", "sie", "ihnen", "du", "dir", "mir",
	"was", "etwas", "bitte", "stellen", "brauche", "mochte", "da", "aber",
	/* fr */ "j", "ai", "aurais", "une", "petite", "des", "quelques",
	"autre", "puis", "je", "peux", "pourrais", "pouvez", "pourriez", "vous",
	"poser", "quelque", "chose", "besoin", "s", "il", "plait", "voudrais",
	"simple", "rapide", "demande", "juste", "mais", "m",
	/* pt */ "tenho", "uma", "umas", "posso", "pode", "podem", "poderia",
	"fazer", "lhe", "preciso", "outra", "gostaria", "queria", "rapida",
	"pequena", "so", "mas", "tirar",
	/* it */ "ho", "avrei", "qualche", "altra", "piccola", "veloce",
	"vorrei", "fare", "farle", "farvi", "potrei", "puo", "potete",
	"potrebbe", "qualcosa", "cosa", "bisogno", "di", "per", "favore", "mi",
	"ma",
	/* nl */ "ik", "heb", "had", "een", "paar", "nog", "korte", "snelle",
	"kleine", "mag", "kan", "kunt", "kunnen", "wil", "wilde", "iets", "u",
	"je", "jullie", "stellen", "wat", "nodig", "even", "graag", "maar",
	/* ar */ "لدي", "عندي", "اريد", "اود", "ممكن", "ان", "هل", "يمكنني",
	"يمكنك", "يمكنكم", "من", "فضلك", "فضلكم", "بعض", "واحد", "اخر", "سريع",
	"بسيط", "صغير", "احتاج", "الى", "لو", "سمحت", "سمحتم", "كنت", "عن",
	"شيء", "حول",
	/* fa */ "یک", "یه", "دارم", "داشتم", "می", "خواهم", "خواستم", "از",
	"میخواهم", "میخواستم", "میتوانم", "میتوانید", "میتونم", "لطفا", "چند",
	"کوچک", "کنید", "به", "نیاز", "دیگر", "تا", "ممکن", "است", "ایا",
	"بکنید",
	/* hi */ "मेरा", "मेरे", "मेरी", "एक", "मुझे", "मुझको", "है", "था", "थी",
	"चाहिए", "क्या", "मैं", "आप", "आपसे", "कुछ", "पास", "सकता", "सकती", "सकते",
	"हूँ", "हूं", "हैं", "कर", "छोटा", "सा", "कृपया", "चाहता", "चाहती", "की",
	"जरूरत", "कीजिए", "करें",
	/* hi-Latn */ "mera", "mere", "meri", "ek", "mujhe", "hai", "tha",
	"chahiye", "kya", "main", "mai", "aap", "aapse", "kuch", "paas",
	"sakta", "sakti", "sakte", "hu", "hun", "hoon", "hain", "kar", "chota",
	"sa", "ki", "zarurat", "please",
	/* id */ "saya", "aku", "mau", "ingin", "ada", "punya", "boleh", "bisa",
	"sedikit", "satu", "lagi", "tolong", "mohon", "butuh", "perlu", "minta",
	"izin", "numpang", "bolehkah", "bisakah", "anda", "sesuatu", "dong",
	"beberapa",
	/* ko */ "있어요", "있습니다", "있는데요", "있는데", "것이", "게",
	"하나", "좀", "저", "제가", "더", "해도", "될까요", "되나요",
	"필요해요", "필요합니다", "하고", "싶어요", "싶습니다", "드립니다",
	"할게요", "간단한", "수", "있을까요", "있나요",
	/* pl */ "mam", "miałbym", "mialbym", "miałabym", "mialabym", "jedno",
	"jeszcze", "krotkie", "szybkie", "małe", "male", "czy", "moge", "mozna",
	"chciałbym", "chcialbym", "chciałabym", "chcialabym", "o", "cos",
	"potrzebuje", "prosze", "kilka", "do", "panstwa", "pana", "mozecie",
	"mi", "zadac",
	/* ru */ "у", "меня", "есть", "к", "один", "еще", "можно", "я", "хочу",
	"хотел", "хотела", "бы", "могу", "нужна", "мне", "пожалуиста",
	"небольшои", "маленькии", "быстрыи", "такои", "подскажите", "могли",
	"вы", "можете", "кое", "что", "задать", "ли",
	/* sv */ "jag", "har", "en", "ett", "par", "nagra", "liten", "snabb",
	"kan", "far", "skulle", "vilja", "behover", "lite", "med", "mig", "du",
	"ni", "nagot", "stalla", "till", "bara", "vill", "undrar",
	/* tr */ "bir", "sey", "var", "vardı", "vardi", "birkac", "istiyorum",
	"isterim", "miyim", "mıyım", "kucuk", "kısa", "kisa", "lazım", "lazim",
	"ihtiyacım", "ihtiyacim", "olur", "musunuz", "eder", "misiniz",
	"lutfen", "daha", "olabilir", "bana",
	/* uk */ "мене", "є", "маю", "до", "вас", "одне", "ще", "можна",
	"хотів", "хотіла", "би", "б", "можу", "потрібна", "мені", "будь",
	"ласка", "невелике", "швидке", "підкажіть", "чи", "поставити", "ви",
	/* vi */ "cho", "toi", "minh", "xin", "muon", "co", "mot", "vai", "can",
	"duoc", "khong", "voi", "ti", "chut", "dieu", "nho", "the", "su",
	NULL };

/* The same of scripts that write no blanks between words, as they are. */
static const char *const run_greetings[] = {
	/* ja */ "こんにちは", "こんにちわ", "こんばんは", "おはよう",
	"おはようございます", "はじめまして", "初めまして", "もしもし",
	"お世話になっております", "お世話になります", "お元気ですか",
	/* th */ "สวัสดี", "หวัดดี", "อรุณสวัสดิ์", "สบายดีไหม", "ฮัลโหล",
	/* zh */ "你好", "您好", "大家好", "你们好", "你們好", "早上好", "早安",
	"早", "上午好", "中午好", "下午好", "晚上好", "哈喽", "哈囉", "嗨",
	"喂", "在吗", "在嗎", "在不在", NULL
};

static const char *const run_thanks[] = {
	/* ja */ "ありがとう", "ありがとうございます", "ありがとうございました",
	"ありがとうね", "どうも", "感謝します", "感謝いたします",
	"助かりました", "助かります", "了解", "了解です", "了解しました",
	"わかりました", "分かりました", "承知しました", "承知いたしました",
	"かしこまりました", "オッケー", "オーケー", "さようなら", "またね",
	"失礼します", "おやすみなさい", "よろしくお願いします",
	"よろしくお願いいたします", "宜しくお願いします", "大丈夫です",
	"完璧です", "素晴らしい",
	/* th */ "ขอบคุณ", "ขอบใจ", "โอเค", "ตกลง", "เข้าใจแล้ว", "รับทราบ", "ดีมาก",
	"ดีเลย", "เยี่ยม", "เยี่ยมเลย", "ลาก่อน", "บาย", "บ๊ายบาย", "ราตรีสวัสดิ์", "ฝันดี",
	"แล้วเจอกัน",
	/* zh */ "谢谢", "謝謝", "多谢", "多謝", "感谢", "感謝", "谢了", "谢啦",
	"好的", "好", "好吧", "行", "可以", "明白", "明白了", "知道了", "了解",
	"收到", "没问题", "沒問題", "太好了", "太棒了", "很好", "完美", "再见",
	"再見", "拜拜", "晚安", "辛苦了", "麻烦了", "麻煩了", "嗯", NULL
};

static const char *const run_fillers[] = {
	/* ja */ "本当に", "とても", "どうも", "皆さん", "みなさん", "いつも",
	"では", "それでは", "はい", "ございます", "ね", "です", "ます",
	/* th */ "ครับ", "คับ", "ค่ะ", "คะ", "ค่า", "จ้า", "จ้ะ", "นะ", "มาก", "มากๆ",
	"ๆ", "ทุกคน", "สำหรับความช่วยเหลือ", "ที่ช่วย",
	/* zh */ "啊", "呀", "了", "啦", "吧", "哦", "喔", "呢", "你", "您",
	"你们", "你們", "大家", "非常", "十分", "很", "的帮助", "的幫助",
	"帮助", "的回复", "的回答", "亲", "客服", "老板", "请问", "請問", NULL
};

static const char *const run_asks[] = {
	/* ja */ "質問", "質問があります", "聞きたいことがあります",
	"お聞きしたいことがあります", "お尋ねしたいことがあります",
	"お伺いしたいことがあります", "相談", "聞いてもいいですか",
	"お聞きしてもいいですか", "お聞きしてもよろしいでしょうか",
	"助けてください", "手伝ってください", "お手伝いをお願いします",
	/* th */ "มีคำถาม", "คำถาม", "ขอถาม", "สอบถาม", "ขอสอบถาม", "อยากสอบถาม",
	"อยากถาม", "ถามหน่อย", "ขอความช่วยเหลือ", "ช่วยหน่อย", "ช่วยด้วย",
	/* zh */ "问题", "問題", "有问题", "有個問題", "有个问题", "问个问题",
	"問個問題", "问一下", "問一下", "咨询", "諮詢", "咨询一下", "请教",
	"請教", "帮忙", "幫忙", "帮助", "幫助", "帮帮我", "幫幫我", NULL
};

static const char *const run_around[] = {
	/* ja */ "ちょっと", "少し", "一つ", "ひとつ", "すみません",
	"すいません", "が", "を", "の", "に", "もう", "あります", "したい",
	"です", "ですが", "のですが", "してもいいですか", "よろしいですか",
	"よろしいでしょうか", "いいですか", "お願いします", "お願いしたい",
	/* th */ "หน่อย", "ได้ไหม", "ได้มั้ย", "ฉัน", "ผม", "ดิฉัน", "เรา", "จะ", "มี",
	"อีก", "หนึ่ง", "ข้อ", "อะไร", "บาง", "อย่าง",
	/* zh */ "我", "想", "想要", "有", "一个", "一個", "个", "個", "几个",
	"几個", "小", "可以", "能", "能不能", "吗", "嗎", "请", "請", "需要",
	"要", "点", "點", "事", "些", "再", "还", "還", "问", "問", NULL
};

static const char *const laughs[] = { "lol", "lmao", "rofl", "mdr", "ptdr",
	"rsrs", "xd", NULL };

/* The bytes of the word that text begins with. */
static size_t
word_length(const char *text)
{
	return strcspn(text, " ");
}

static bool
is_one_of(const char *const *list, const char *text)
{
	size_t len = word_length(text), i;

	for (i = 0; list[i] != NULL; i++)
		if (strlen(list[i]) == len && strncmp(list[i], text, len) == 0)
			return true;
	return false;
}

/* haha, jajaja, hehe, kkkk and what else people laugh in. */
static bool
is_laugh(const char *text)
{
	size_t len = word_length(text), i;

	if (is_one_of(laughs, text))
		return true;
	if (len >= 3 && strspn(text, "k") == len)
		return true;
	if (len < 4 || text[0] == text[1] || strpbrk(text, "hj") >= text + 2 ||
	    strspn(text, "hjaei") != len)
		return false;
	for (i = 2; i < len; i++)
		if (text[i] != text[i - 2])
			return false;
	return true;
}

static void
add_word(void *ctx, const char *word, size_t len)
{
	struct buf *b = ctx;

	buf_add(b, word, len);
	buf_addc(b, ' ');
}

/* The bytes of the longest phrase that text begins with, blank included. */
static size_t
longest(const char *const *phrases, const char *text)
{
	size_t best = 0, len, i;

	for (i = 0; phrases[i] != NULL; i++) {
		len = strlen(phrases[i]);
		if (len >= best && strncmp(text, phrases[i], len) == 0 &&
		    text[len] == ' ')
			best = len + 1;
	}
	return best;
}

/* What was said so far; a text is none once there is anything else in it. */
struct said {
	bool greeted, thanked, laughed, asked, around, other;
};

/* Words, each with a blank behind it. */
static void
take_words(struct said *s, const char *p)
{
	const bool is_ok = str_starts(p, "ok"); /* which is no thanks */
	size_t g, t, f, a, l;

	while (*p != '\0' && !s->other) {
		l = longest(leads, p);
		if (l > 0 && p[l] == '\0' && (!s->thanked || is_ok)) {
			s->asked = true;
			return;
		}
		g = longest(greetings, p);
		t = longest(thanks, p);
		f = longest(fillers, p);
		a = longest(asks, p);
		if (a > g && a > t && a > f) {
			s->asked = true;
			p += a;
		} else if (g > 0 && g >= t && g >= f) {
			s->greeted = true;
			p += g;
		} else if (t > 0 && t >= f) {
			s->thanked = true;
			p += t;
		} else if (f > 0)
			p += f;
		else {
			if (is_laugh(p))
				s->laughed = true;
			else if (is_one_of(around_asks, p))
				s->around = true;
			else
				s->other = true;
			p += word_length(p) + 1;
		}
	}
}

/* The bytes of the longest phrase that a run begins with. */
static size_t
longest_in_run(const char *const *phrases, const char *text)
{
	size_t best = 0, len, i;

	for (i = 0; phrases[i] != NULL; i++) {
		len = strlen(phrases[i]);
		if (len > best && strncmp(text, phrases[i], len) == 0)
			best = len;
	}
	return best;
}

static size_t
longest_of(size_t a, size_t b, size_t c)
{
	return a > b ? (a > c ? a : c) : (b > c ? b : c);
}

size_t
smalltalk_words(const char *words)
{
	return longest_of(longest(greetings, words), longest(thanks, words),
	    longest(fillers, words));
}

size_t
smalltalk_run(const char *letters)
{
	return longest_of(longest_in_run(run_greetings, letters),
	    longest_in_run(run_thanks, letters),
	    longest_in_run(run_fillers, letters));
}

/* Letters that no blank parts. */
static void
take_run(struct said *s, const char *p)
{
	size_t g, t, f, a, r;

	while (*p != '\0' && !s->other) {
		g = longest_in_run(run_greetings, p);
		t = longest_in_run(run_thanks, p);
		f = longest_in_run(run_fillers, p);
		a = longest_in_run(run_asks, p);
		r = longest_in_run(run_around, p);
		if (a > 0 && a >= g && a >= t && a >= f && a >= r) {
			s->asked = true;
			p += a;
		} else if (g > 0 && g >= t && g >= f && g >= r) {
			s->greeted = true;
			p += g;
		} else if (t > 0 && t >= f && t >= r) {
			/* "可以" is a word of questions, too. */
			s->thanked = true;
			p += t;
		} else if (f > 0 && f >= r)
			p += f;
		else if (r > 0) {
			s->around = true;
			p += r;
		} else
			s->other = true;
	}
}

/* Of scripts that write no blanks: Thai, kana, Chinese. */
static bool
is_unparted(uint32_t c)
{
	return (c >= 0xe00 && c < 0xe80) || (c >= 0x3040 && c < 0x3100) ||
	    (c >= 0x3400 && c < 0xa000) || (c >= 0xf900 && c < 0xfb00);
}

static void
take_piece(struct said *s, struct buf *run)
{
	if (run->len > 0)
		take_run(s, run->data);
	buf_reset(run);
}

/* Runs of such letters, the words between them, nothing of what parts both. */
static void
take_mixed(struct said *s, const char *text)
{
	const char *p = text, *at, *end = text + strlen(text);
	struct buf run = BUF_INIT(0), rest = BUF_INIT(0), words = BUF_INIT(0);
	uint32_t c;

	while (at = p, (c = utf8_next(&p, end)) != 0)
		if (is_unparted(c))
			buf_add(&run, at, (size_t)(p - at));
		else {
			take_piece(s, &run);
			buf_add(&rest, at, (size_t)(p - at));
		}
	take_piece(s, &run);
	if (rest.len > 0)
		analyse_words(rest.data, rest.len, add_word, &words);
	if (words.len > 0)
		take_words(s, words.data);
	buf_release(&run);
	buf_release(&rest);
	buf_release(&words);
}

static enum smalltalk
kind_of(const struct said *s)
{
	return s->other ? SMALLTALK_NONE :
	    s->asked	? SMALLTALK_ASKING :
	    s->around	? SMALLTALK_NONE :
	    s->thanked	? SMALLTALK_THANKS :
	    s->greeted	? SMALLTALK_GREETING :
	    s->laughed	? SMALLTALK_QUIET :
			  SMALLTALK_NONE;
}

static enum smalltalk
of_sign(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		enum smalltalk kind;
	} signs[] = {
		{ '?', '?', SMALLTALK_NONE },
		{ 0x61f, 0x61f, SMALLTALK_NONE }, /* Arabic */
		{ 0xff1f, 0xff1f, SMALLTALK_NONE },
		{ 0x2753, 0x2754, SMALLTALK_NONE },
		{ 0x1f44b, 0x1f44b, SMALLTALK_WAVE },
		{ 0x1f64b, 0x1f64b, SMALLTALK_WAVE }, /* a raised hand */
		{ 0x2763, 0x2764, SMALLTALK_KIND },   /* hearts */
		{ 0x1f48b, 0x1f49f, SMALLTALK_KIND },
		{ 0x1f5a4, 0x1f5a4, SMALLTALK_KIND },
		{ 0x1f90d, 0x1f90e, SMALLTALK_KIND },
		{ 0x1f9e1, 0x1f9e1, SMALLTALK_KIND },
		{ 0x1f60d, 0x1f60d, SMALLTALK_KIND },
		{ 0x1f618, 0x1f618, SMALLTALK_KIND },
		{ 0x1f64f, 0x1f64f, SMALLTALK_KIND }, /* folded hands */
		{ 0x1f917, 0x1f917, SMALLTALK_KIND },
		{ 0x1f970, 0x1f970, SMALLTALK_KIND },
		{ 0x1f44e, 0x1f44e, SMALLTALK_ANGRY }, /* thumb down */
		{ 0x1f47f, 0x1f47f, SMALLTALK_ANGRY },
		{ 0x1f4a2, 0x1f4a2, SMALLTALK_ANGRY },
		{ 0x1f4a9, 0x1f4a9, SMALLTALK_ANGRY },
		{ 0x1f595, 0x1f595, SMALLTALK_ANGRY },
		{ 0x1f620, 0x1f621, SMALLTALK_ANGRY },
		{ 0x1f624, 0x1f624, SMALLTALK_ANGRY },
		{ 0x1f63e, 0x1f63e, SMALLTALK_ANGRY },
		{ 0x1f92c, 0x1f92c, SMALLTALK_ANGRY },
	};
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (c >= signs[i].first && c <= signs[i].last)
			return signs[i].kind;
	return SMALLTALK_QUIET;
}

/* A text without words: what its signs say together. */
static enum smalltalk
of_signs(const char *p)
{
	enum smalltalk best = SMALLTALK_NONE, kind;
	const char *end = p + strlen(p);
	uint32_t c;

	while (p < end) {
		c = utf8_next(&p, end);
		kind = of_sign(c);
		if (kind == SMALLTALK_NONE)
			return kind;
		if (kind > best)
			best = kind;
	}
	return best;
}

static bool
has_unparted(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	uint32_t c;

	while ((c = utf8_next(&p, end)) != 0)
		if (is_unparted(c))
			return true;
	return false;
}

enum smalltalk
smalltalk_of(const char *text)
{
	struct buf words = BUF_INIT(0);
	struct said said = { false, false, false, false, false, false };
	enum smalltalk kind;

	analyse_words(text, strlen(text), add_word, &words);
	if (words.len == 0)
		kind = of_signs(text);
	else {
		if (has_unparted(text))
			take_mixed(&said, text);
		else
			take_words(&said, words.data);
		kind = kind_of(&said);
		if (kind == SMALLTALK_NONE && words.len == 2)
			kind = SMALLTALK_STRAY;
	}
	buf_release(&words);
	return kind;
}

static bool
is_small(const char *text, size_t len)
{
	char *copy = xstrndup(text, len);
	enum smalltalk kind = smalltalk_of(copy);

	free(copy);
	return kind != SMALLTALK_NONE && kind != SMALLTALK_STRAY;
}

/* Signs that part sentences whether or not a blank follows. */
static size_t
sign_length(const char *p)
{
	static const char *const signs[] = { "。", "、", "，", "！", "；", "：",
		"．", "।", "؛", "،", NULL };
	size_t i;

	for (i = 0; signs[i] != NULL; i++)
		if (str_starts(p, signs[i]))
			return strlen(signs[i]);
	return 0;
}

/* The first place from p on, before end, where text may be cut; or end. */
static const char *
next_cut(const char *p, const char *end)
{
	const char *begin = p;
	size_t n;

	for (; p < end; p++) {
		if (strchr(".!,;:\n", *p) != NULL &&
		    (p + 1 == end || strchr(" \t\r\n", p[1]) != NULL))
			return p + 1;
		/* In Thai a blank does. */
		if (*p == ' ' && p - begin >= 3 &&
		    (unsigned char)p[-3] == 0xe0 &&
		    ((unsigned char)p[-2] == 0xb8 ||
			(unsigned char)p[-2] == 0xb9))
			return p + 1;
		if ((n = sign_length(p)) > 0)
			return p + n;
	}
	return end;
}

const char *
smalltalk_skip(const char *text, size_t *ret_len)
{
	const char *p = text, *end = text + strlen(text), *cut, *last;

	while ((cut = next_cut(p, end)) < end && is_small(p, (size_t)(cut - p)))
		p = cut;
	/* Behind it, too, but not all of it. */
	for (;;) {
		last = p;
		for (cut = p; (cut = next_cut(cut, end)) < end;)
			last = cut;
		if (last == p || !is_small(last, (size_t)(end - last)))
			break;
		end = last;
	}
	p += strspn(p, " \t\r\n");
	*ret_len = p < end ? (size_t)(end - p) : 0;
	return p;
}

const char *
smalltalk_reply(enum smalltalk kind)
{
	switch (kind) {
	case SMALLTALK_WAVE:
	case SMALLTALK_GREETING:
		return "greeting";
	case SMALLTALK_KIND:
	case SMALLTALK_THANKS:
		return "thanks";
	case SMALLTALK_STRAY:
	case SMALLTALK_ASKING:
		return "go_ahead";
	case SMALLTALK_ANGRY:
		return "holding";
	case SMALLTALK_NONE:
	case SMALLTALK_QUIET:
		break;
	}
	return NULL;
}
