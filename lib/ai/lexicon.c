/* lexicon - the words by which a question leans on what was said before */
#include <string.h>

#include "ai/lexicon.h"
#include "base/utf8.h"

/* Commas between phrases, all folded as utf8_fold() does it. */
static const struct {
	const char *language;
	bool is_joined; /* written without blanks */
	const char *list[LEXICON_LISTS];
} lexica[] = {
	{ "en", false,
	    { [LEXICON_LINK] =
		    "and,or,also,plus,but,then,what about,how about,what if",
		[LEXICON_SAME] = "same for,same goes for,same with,likewise",
		[LEXICON_PRONOUN] =
		    ("it,its,they,them,their,theirs,these,"
		     "those,one,ones,there,both,neither,either"),
		[LEXICON_POINTER] = "this,that",
		[LEXICON_IDLE] =
		    ("is it possible,it is possible,is it allowed,is it ok,"
		     "is there,are there,there is,there are,will there be"),
		[LEXICON_ATTRIBUTE] =
		    ("cost*,price*,expensive,cheap*,weigh*,heavy,weight,size*,"
		     "long,big,large,tall,colour*,color*,last*,duration,open,"
		     "opens,close,closes,closed,included,available,in stock"),
		[LEXICON_PRICE] =
		    "cost*,price*,expensive,charge*,fee*,pay,how much",
		[LEXICON_GETTING] =
		    "rent,renting,rental,hire,hiring,buy,buying,book,booking,order,ordering,reserve,purchase,get",
		[LEXICON_ASKING] = "how,much,many,when,where,who,which,why",
		[LEXICON_YES] = "yes,yeah,yep,sure,ok,okay,please,of course",
		[LEXICON_NO] = "no,nope,not,not that,sorry",
		[LEXICON_CORRECTION] =
		    ("i mean,i meant,i was talking about,i am talking about,"
		     "actually"),
		[LEXICON_CHOICE] = "one,ones",
		[LEXICON_FIRST] = "first,1st",
		[LEXICON_SECOND] = "second,2nd",
		[LEXICON_THIRD] = "third,3rd",
		[LEXICON_FOURTH] = "fourth,4th",
		[LEXICON_LAST] = "last" } },
	{ "es", false,
	    { [LEXICON_LINK] =
		    "y,e,o,pero,tambien,que tal,que hay de,que pasa con,y si",
		[LEXICON_SAME] = "lo mismo,igual para,tambien para",
		[LEXICON_PRONOUN] = ("eso,esto,ello,ella,ellos,ellas,aquello,"
				     "ambos,ambas"),
		[LEXICON_POINTER] = "ese,esa,esos,esas,este,estos,estas",
		[LEXICON_ATTRIBUTE] =
		    ("cuest*,costar,coste*,costo*,precio*,vale,valen,pesa,pesan,"
		     "peso,dura,duran,duracion,tarda,tardan,color*,tamano*,"
		     "talla*,abre*,abierto*,abierta*,cierra*,incluye*,"
		     "incluido*,incluida*,disponible*,mide,miden,grande"),
		[LEXICON_PRICE] =
		    "cuest*,costar,coste*,costo*,precio*,vale,valen,paga*,sale,salen,cobra*,a cuanto",
		[LEXICON_GETTING] =
		    "alquil*,rentar,renta,compra*,reserva*,pedir,contratar",
		[LEXICON_ASKING] =
		    ("cuanto,cuanta,cuantos,cuantas,cuando,donde,"
		     "como,cual,cuales,quien"),
		[LEXICON_YES] = "si,claro,vale,por favor,de acuerdo",
		[LEXICON_NO] = "no,perdon,perdona",
		[LEXICON_CORRECTION] = ("me refiero a,me refiero,me referia a,"
					"me referia,quise decir,queria decir,"
					"quiero decir"),
		[LEXICON_FIRST] = "primer*",
		[LEXICON_SECOND] = "segund*",
		[LEXICON_THIRD] = "tercer*",
		[LEXICON_FOURTH] = "cuarto,cuarta",
		[LEXICON_LAST] = "ultim*" } },
	{ "de", false,
	    { [LEXICON_LINK] = ("und,oder,auch,aber,was ist mit,wie ist es mit,"
				"wie sieht es mit,wie steht es mit,wie ware es "
				"mit,und wenn"),
		[LEXICON_SAME] = ("gilt das auch,dasselbe,das gleiche,genauso,"
				  "ebenso"),
		[LEXICON_PRONOUN] = ("es,ihn,ihm,deren,dessen,damit,dafur,"
				     "davon,dazu,darin,darauf,dort,beide"),
		[LEXICON_POINTER] = ("das,dies,diese,dieser,dieses,diesen,die,"
				     "der,den,dem"),
		[LEXICON_IDLE] =
		    "gibt es,geht es,es gibt,ist es moglich,es moglich",
		[LEXICON_ATTRIBUTE] =
		    ("kost*,preis*,teuer,billig*,schwer,wieg*,gewicht,dauer*,"
		     "lang,lange,gross,grosse*,weit,farbe*,geoffnet,offen,auf,zu,"
		     "verfugbar,enthalten,inklusive"),
		[LEXICON_PRICE] = "kost*,preis*,teuer,zahl*,wie viel,wieviel",
		[LEXICON_GETTING] =
		    "miet*,leih*,ausleih*,auszuleihen,kauf*,buch*,bestell*,reservier*",
		[LEXICON_ASKING] = ("wie,viel,viele,wieviel,wann,wo,welche,"
				    "welcher,welches,wer,warum,was"),
		[LEXICON_YES] = "ja,gern,gerne,bitte,klar,naturlich",
		[LEXICON_NO] = "nein,nee,nicht,entschuldigung",
		[LEXICON_CORRECTION] = ("ich meine,ich meinte,gemeint war,"
					"eigentlich"),
		[LEXICON_FIRST] = "erste*",
		[LEXICON_SECOND] = "zweite*",
		[LEXICON_THIRD] = "dritte*",
		[LEXICON_FOURTH] = "vierte*",
		[LEXICON_LAST] = "letzte*" } },
	{ "fr", false,
	    { [LEXICON_LINK] =
		    "et,ou,aussi,mais,quid de,quid du,qu en est il,et si",
		[LEXICON_SAME] = "pareil,meme chose,la meme chose",
		[LEXICON_PRONOUN] =
		    "il,elle,ils,elles,ca,cela,celui,celle,ceux,celles,leur,y",
		[LEXICON_POINTER] = "ce,cet,cette,ces,c",
		[LEXICON_IDLE] =
		    ("il y a,y a t il,est il possible,faut il,"
		     "il faut,est ce que,est ce qu,il est possible"),
		[LEXICON_ATTRIBUTE] =
		    ("cout*,prix,tarif*,cher,chere,pese*,poids,lourd*,dure,"
		     "durent,duree,couleur*,taille*,ouvert*,ouvre*,ferme*,"
		     "compris*,inclus*,disponible*,long*,grand*"),
		[LEXICON_PRICE] = "cout*,prix,tarif*,cher,chere,paye*,combien",
		[LEXICON_GETTING] =
		    "lou*,location*,achet*,achat*,reserv*,command*",
		[LEXICON_ASKING] =
		    ("combien,quand,ou,quel,quelle,quels,quelles,"
		     "comment,qui,pourquoi"),
		[LEXICON_YES] = ("oui,volontiers,d accord,bien sur,s il vous "
				 "plait,svp"),
		[LEXICON_NO] = "non,pas,pardon,desole,desolee",
		[LEXICON_CORRECTION] = ("je voulais dire,je veux dire,"
					"je parle de,je parle du,"
					"je parlais de,je parlais du,"
					"en fait"),
		[LEXICON_FIRST] = "premier*,premiere*",
		[LEXICON_SECOND] = "deuxieme*,second*",
		[LEXICON_THIRD] = "troisieme*",
		[LEXICON_FOURTH] = "quatrieme*",
		[LEXICON_LAST] = "dernier*,derniere*" } },
	{ "pt", false,
	    { [LEXICON_LINK] =
		    "e,ou,mas,tambem,que tal,quanto a,quanto ao,e se",
		[LEXICON_SAME] = "o mesmo,a mesma coisa,igual para",
		[LEXICON_PRONOUN] = ("isso,isto,aquilo,ele,ela,eles,elas,"
				     "deles,delas,dele,dela,ambos"),
		[LEXICON_POINTER] = ("esse,essa,esses,essas,este,esta,estes,"
				     "estas"),
		[LEXICON_ATTRIBUTE] =
		    ("cust*,prec*,pesa,pesam,peso,dura,duram,duracao,demora*,"
		     "cor,cores,tamanho*,abre*,aberto,aberta,fecha*,incluid*,"
		     "disponive*,grande,mede"),
		[LEXICON_PRICE] = "cust*,prec*,paga*,cobra*,valor",
		[LEXICON_GETTING] = "alug*,compra*,reserva*,pedir,contratar",
		[LEXICON_ASKING] = ("quanto,quanta,quantos,quantas,quando,onde,"
				    "como,qual,quais,quem"),
		[LEXICON_YES] = "sim,claro,por favor,pode ser",
		[LEXICON_NO] = "nao,desculpe,desculpa",
		[LEXICON_CORRECTION] =
		    ("quis dizer,quero dizer,queria dizer,"
		     "refiro me a,refiro me,estou a falar de"),
		[LEXICON_FIRST] = "primeir*",
		[LEXICON_SECOND] = "segund*",
		[LEXICON_THIRD] = "terceir*",
		[LEXICON_FOURTH] = "quarto,quarta",
		[LEXICON_LAST] = "ultim*" } },
	{ "it", false,
	    { [LEXICON_LINK] = "e,ed,o,ma,anche,invece,e se",
		[LEXICON_SAME] = "lo stesso,la stessa cosa,vale anche",
		[LEXICON_PRONOUN] = ("esso,essa,essi,cio,quello,quella,quelli,"
				     "quelle,entrambi"),
		[LEXICON_POINTER] = "questo,questa,questi,queste",
		[LEXICON_ATTRIBUTE] =
		    ("cost*,prezz*,caro,cara,pesa,pesano,peso,dura,durano,"
		     "durata,color*,tagli*,misur*,apert*,apre*,chiud*,chius*,"
		     "compres*,inclus*,disponibil*,grande"),
		[LEXICON_PRICE] = "cost*,prezz*,caro,cara,paga*,viene",
		[LEXICON_GETTING] =
		    "nolegg*,affitt*,compra*,acquist*,prenot*,ordin*",
		[LEXICON_ASKING] = ("quanto,quanta,quanti,quante,quando,dove,"
				    "come,quale,quali,chi"),
		[LEXICON_YES] = "si,certo,va bene,per favore,volentieri",
		[LEXICON_NO] = "no,non,scusi,scusa",
		[LEXICON_CORRECTION] = ("intendo,intendevo,volevo dire,"
					"voglio dire,parlo di,parlavo di"),
		[LEXICON_FIRST] = "primo,prima,primi,prime",
		[LEXICON_SECOND] = "secondo,seconda",
		[LEXICON_THIRD] = "terzo,terza",
		[LEXICON_FOURTH] = "quarto,quarta",
		[LEXICON_LAST] = "ultim*" } },
	{ "nl", false,
	    { [LEXICON_LINK] = "en,of,ook,maar,hoe zit het met,wat met,en als",
		[LEXICON_SAME] = "hetzelfde,geldt dat ook,ook voor",
		[LEXICON_PRONOUN] = ("ze,hem,hun,er,ervan,ermee,erbij,daarvan,"
				     "daarvoor,daar,beide"),
		[LEXICON_POINTER] = "die,dat,dit,deze,het",
		[LEXICON_IDLE] = ("is er,zijn er,er is,er zijn,is het mogelijk,"
				  "heeft het,hebben het"),
		[LEXICON_ATTRIBUTE] =
		    ("kost*,prijs,prijzen,duur*,weeg*,wegen,gewicht,zwaar,lang,"
		     "maat,maten,kleur*,open,gesloten,beschikbaar,inbegrepen,"
		     "groot,iets"),
		[LEXICON_PRICE] = "kost*,prijs,prijzen,betaal*",
		[LEXICON_GETTING] = "hur*,koop,kopen,boek*,bestel*,reserver*",
		[LEXICON_ASKING] = ("hoe,hoeveel,wanneer,waar,welke,welk,wie,"
				    "wat,waarom,laat"),
		[LEXICON_YES] = "ja,graag,prima,alstublieft",
		[LEXICON_NO] = "nee,niet,sorry",
		[LEXICON_CORRECTION] = "ik bedoel,ik bedoelde,eigenlijk",
		[LEXICON_FIRST] = "eerste",
		[LEXICON_SECOND] = "tweede",
		[LEXICON_THIRD] = "derde",
		[LEXICON_FOURTH] = "vierde",
		[LEXICON_LAST] = "laatste" } },
	{ "hi", false,
	    { [LEXICON_LINK] = "और,तो,या,लेकिन,फिर",
		[LEXICON_SAME] = "वही",
		[LEXICON_PRONOUN] =
		    ("यह,ये,वह,वे,वो,इसका,इसकी,इसके,इसे,इसमें,इनका,इनकी,इनके,"
		     "उसका,उसकी,उसके,उसे,उसमें,उनका,उनकी,उनके"),
		[LEXICON_ATTRIBUTE] =
		    ("कीमत,दाम,खर्च,खर्चा,फीस,रंग,वजन,समय,दिन,घंटे,आकार,"
		     "खुल*,बंद,मिल*,लग*"),
		[LEXICON_PRICE] = "कीमत,दाम,खर्च,खर्चा,फीस",
		[LEXICON_GETTING] =
		    "किराए,किराया,किराये,खरीदना,खरीदने,बुक,बुकिंग,ऑर्डर",
		[LEXICON_ASKING] = "कितना,कितनी,कितने,कब,कहाँ,कौन,कैसे,क्या",
		[LEXICON_YES] = "हाँ,हां,जी हाँ,जी हां,जी,जरूर",
		[LEXICON_NO] = "नहीं,माफ कीजिए",
		[LEXICON_CORRECTION] = "मेरा मतलब",
		[LEXICON_FIRST] = "पहला,पहली,पहले",
		[LEXICON_SECOND] = "दूसरा,दूसरी,दूसरे",
		[LEXICON_THIRD] = "तीसरा,तीसरी,तीसरे",
		[LEXICON_FOURTH] = "चौथा,चौथी,चौथे",
		[LEXICON_LAST] = "आखिरी" } },
	{ "ar", false,
	    { [LEXICON_LINK] = "و*,او,ماذا عن,طيب,لكن",
		[LEXICON_SAME] = "نفس الشيء,كذلك",
		[LEXICON_PRONOUN] = ("هو,هي,هم,هذا,هذه,ذلك,تلك,منه,منها,فيه,"
				     "فيها,له,لها,عنه,عنها,معه,معها"),
		[LEXICON_ATTRIBUTE] =
		    ("سعر,سعره,سعرها,السعر,ثمنه,ثمنها,تكلفة,تكلفته,تكلفتها,"
		     "وزن*,لون*,الوان*,حجم*,مدة,مدته,مدتها,مفتوح*"),
		[LEXICON_PRICE] = "سعر*,السعر,ثمن*,تكلف*",
		[LEXICON_GETTING] = "استئجار,ايجار,تاجير,شراء,حجز,طلب",
		[LEXICON_ASKING] = "كم,بكم,متى,اين,كيف,من,ما",
		[LEXICON_YES] = "نعم,ايوه,اجل,من فضلك,طبعا",
		[LEXICON_NO] = "لا,عفوا",
		[LEXICON_CORRECTION] = "اقصد,قصدي,اعني",
		[LEXICON_FIRST] = "الاول,الاولى",
		[LEXICON_SECOND] = "الثاني,الثانية",
		[LEXICON_THIRD] = "الثالث,الثالثة",
		[LEXICON_FOURTH] = "الرابع,الرابعة",
		[LEXICON_LAST] = "الاخير,الاخيرة" } },
	{ "zh", true,
	    { [LEXICON_LINK] = "那,還有,还有,或者",
		[LEXICON_END] = "呢",
		[LEXICON_SAME] = "也一样,也一樣,一样吗,一樣嗎",
		[LEXICON_PRONOUN] = "它,这个,這個,那个,那個,这些,那些",
		[LEXICON_ATTRIBUTE] =
		    ("多少钱,多少錢,价格,價格,价钱,多重,重量,颜色,顏色,尺寸,"
		     "几点,幾點,几天,幾天,多长,多大,时间,時間"),
		[LEXICON_PRICE] = "多少钱,多少錢,价格,價格,价钱",
		[LEXICON_GETTING] = "租,租用,租赁,購買,购买,买,預訂,预订,订购",
		[LEXICON_ASKING] = ("多少钱,多少錢,多少,几天,幾天,几点,什么,"
				    "什麼,哪里,哪裡,怎么,怎麼"),
		[LEXICON_YES] = "好的,好,是的,是,要",
		[LEXICON_NO] = "不是,不,不对",
		[LEXICON_CORRECTION] = ("我是说,我說的是,我说的是,我指的是,"
					"我的意思是"),
		[LEXICON_FIRST] = "第一",
		[LEXICON_SECOND] = "第二",
		[LEXICON_THIRD] = "第三",
		[LEXICON_FOURTH] = "第四",
		[LEXICON_LAST] = "最后,最後" } },
	{ "ja", true,
	    { [LEXICON_LINK] = "では,じゃあ,それでは,それと,あと",
		[LEXICON_END] = "は",
		[LEXICON_SAME] = "も同じ,も一緒",
		[LEXICON_PRONOUN] = "それ,これ,あれ,その,この,そちら,そこ",
		[LEXICON_ATTRIBUTE] =
		    "いくら,料金,値段,重さ,色,サイズ,時間,何時,何日,何名",
		[LEXICON_PRICE] = "いくら,料金,値段",
		[LEXICON_GETTING] = "借りる,レンタル,購入,買う,予約,注文",
		[LEXICON_ASKING] = "いくら,何時,いつ,どこ,何名,何人,どう",
		[LEXICON_YES] = "はい,お願いします,ええ",
		[LEXICON_NO] = "いいえ,いや,違います",
		[LEXICON_CORRECTION] = "じゃなくて,ではなくて,のことです",
		[LEXICON_FIRST] = "一番目,一つ目,最初",
		[LEXICON_SECOND] = "二番目,二つ目",
		[LEXICON_THIRD] = "三番目,三つ目",
		[LEXICON_FOURTH] = "四番目,四つ目",
		[LEXICON_LAST] = "最後" } },
	{ "id", false,
	    { [LEXICON_LINK] = ("dan,kalau,kalo,bagaimana dengan,gimana dengan,"
				"atau,tapi,terus,lalu"),
		[LEXICON_SAME] = "sama untuk,sama juga",
		[LEXICON_PRONOUN] = ("itu,ini,dia,mereka,tersebut,harganya,"
				     "beratnya,warnanya,ukurannya,lamanya,"
				     "bedanya,caranya,biayanya"),
		[LEXICON_ATTRIBUTE] =
		    ("harga*,berat*,warna*,ukuran*,lama*,buka,tutup,tersedia,"
		     "biaya,biayanya,mahal,murah,besar"),
		[LEXICON_PRICE] = "harga*,biaya*,mahal",
		[LEXICON_GETTING] =
		    "sewa,menyewa,penyewaan,beli,membeli,pesan,memesan",
		[LEXICON_ASKING] = ("berapa,kapan,dimana,mana,bagaimana,apa,"
				    "siapa"),
		[LEXICON_YES] = "ya,iya,boleh,tolong,mau",
		[LEXICON_NO] = "tidak,bukan,maaf",
		[LEXICON_CORRECTION] = "maksud saya,maksudku",
		[LEXICON_FIRST] = "pertama",
		[LEXICON_SECOND] = "kedua",
		[LEXICON_THIRD] = "ketiga",
		[LEXICON_FOURTH] = "keempat",
		[LEXICON_LAST] = "terakhir" } },
	{ "ru", false,
	    { [LEXICON_LINK] = ("а,и,или,но,что насчет,как насчет,ну а,тогда,"
				"еще,а если"),
		[LEXICON_SAME] = "то же самое,так же,тоже",
		[LEXICON_PRONOUN] = ("он,она,оно,они,его,ее,их,ему,еи,им,нем,"
				     "него,нее,ним,ними,"
				     "неи,них,это,этого,этом,там"),
		[LEXICON_POINTER] = "этот,эта,эти,тот,та,те",
		[LEXICON_ATTRIBUTE] =
		    ("стоит,стоят,стоимость,цена,цены,цену,вес,весит,весят,"
		     "цвет*,размер*,длит*,долго,открыт*,закрыт*,дорого"),
		[LEXICON_PRICE] = "стоит,стоят,стоимость,цена,цены,цену,дорого",
		[LEXICON_GETTING] =
		    "аренд*,прокат*,купить,покупк*,заказ*,бронир*",
		[LEXICON_ASKING] = ("сколько,когда,где,как,какои,какая,какие,"
				    "кто"),
		[LEXICON_YES] = "да,хорошо,конечно,даваите,пожалуиста",
		[LEXICON_NO] = "нет,не,извините",
		[LEXICON_CORRECTION] = ("я имею в виду,я имел в виду,"
					"я имела в виду,я про"),
		[LEXICON_FIRST] = "первыи,первая,первое,первого,первои",
		[LEXICON_SECOND] = "второи,вторая,второе,второго",
		[LEXICON_THIRD] = "третии,третья,третье,третьего",
		[LEXICON_FOURTH] = "четвертыи,четвертая,четвертое",
		[LEXICON_LAST] = "последн*" } },
	{ "tr", false,
	    { [LEXICON_LINK] = "ve,veya,peki,peki ya,ya,ama,bir de,ayrica",
		[LEXICON_SAME] = "aynisi,ayni sekilde",
		[LEXICON_PRONOUN] =
		    ("o,bu,su,onun,bunun,onu,bunu,ona,buna,onlar,"
		     "bunlar,onlarin,bunlarin,onda,bunda,orada"),
		[LEXICON_ATTRIBUTE] =
		    ("fiyat*,ucret*,lira,sure,suresi,surer,suruyor,renk*,beden*,"
		     "boyut*,boyu,agirli*,acik,kapali,pahali,dahil"),
		[LEXICON_PRICE] = "fiyat*,ucret*,lira,pahali",
		[LEXICON_GETTING] = "kirala*,satin alma*,rezerv*,siparis*",
		[LEXICON_ASKING] = ("ne kadar,kadar,kac,ne zaman,zaman,nerede,"
				    "nasil,hangi,kim,ne"),
		[LEXICON_YES] = "evet,olur,tamam,lutfen,tabii",
		[LEXICON_NO] = "hayir,yok,degil,pardon",
		[LEXICON_CORRECTION] = "demek istedim,demek istedigim,yani",
		[LEXICON_FIRST] = "birinci*,ilk*",
		[LEXICON_SECOND] = "ikinci*",
		[LEXICON_THIRD] = "ucuncu*",
		[LEXICON_FOURTH] = "dorduncu*",
		[LEXICON_LAST] = "son,sonuncu*" } },
};

#define LEXICA (sizeof(lexica) / sizeof(lexica[0]))

static bool
is_tag(const char *language, size_t i)
{
	size_t len = strlen(lexica[i].language);

	return strncmp(lexica[i].language, language, len) == 0 &&
	    (language[len] == '\0' || language[len] == '-');
}

bool
lexicon_has(const char *language)
{
	size_t i;

	for (i = 0; i < LEXICA; i++)
		if (is_tag(language, i))
			return true;
	return false;
}

/* The bytes of at that are phrase, folded; 0 if they are not. */
static size_t
matches(const char *at, const char *phrase, size_t len, bool joined)
{
	bool open = len > 1 && phrase[len - 1] == '*';
	size_t n = open ? len - 1 : len;

	if (strncmp(at, phrase, n) != 0)
		return 0;
	if (joined)
		return n;
	if (!open)
		return at[n] == ' ' || at[n] == '\0' ? n : 0;
	return n + strcspn(at + n, " ");
}

static size_t
longest(const char *at, const char *list, bool joined)
{
	size_t best = 0, len, n;
	const char *p;

	if (list == NULL)
		return 0;
	for (p = list; *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		n = matches(at, p, len, joined);
		if (n > best)
			best = n;
	}
	return best;
}

/* Whether the lists of place i are those of t. */
static bool
is_used(const struct lexicon_text *t, size_t i)
{
	bool any = false;
	size_t k;

	for (k = 0; t->languages[k] != NULL; k++) {
		if (is_tag(t->languages[k], i))
			return true;
		any |= lexicon_has(t->languages[k]);
	}
	return !any;
}

size_t
lexicon_at(const struct lexicon_text *t, const char *at, enum lexicon_list list)
{
	bool begins = at == t->text || at[-1] == ' ';
	size_t best = 0, i, n;

	for (i = 0; i < LEXICA; i++) {
		if (!is_used(t, i) || (!begins && !lexica[i].is_joined))
			continue;
		n = longest(at, lexica[i].list[list], lexica[i].is_joined);
		if (n > best)
			best = n;
	}
	return best;
}

const char *
lexicon_find(const struct lexicon_text *t, const char *from,
    enum lexicon_list list, size_t *ret_len)
{
	const char *p = from, *end = t->text + strlen(t->text);
	size_t len, step;

	for (; p < end; p += step) {
		len = *p == ' ' ? 0 : lexicon_at(t, p, list);
		if (len > 0) {
			*ret_len = len;
			return p;
		}
		step = utf8_character(p, end);
		if (step == 0)
			step = 1;
	}
	return NULL;
}
