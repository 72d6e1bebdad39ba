/*
 * language - which language a text is in, also a short one
 *
 * A word that stands in the lists of k languages counts 1/k for each of them,
 * so "de" says little and "aber" says all. Lists are folded (no accents), for
 * hurried writers leave accents out; accents that were written count apart.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"

#define LOOK_BYTES (16 * 1024)
#define SURE_SCORE 0.85 /* about one word that is one language's own */
#define SURE_RATIO 1.25 /* the best against the second best */
#define SURE_SHARE 0.12 /* of the words of a long text */
#define SLOTS 8192	/* of the table of words; twice what they fill */
#define WORD_MAX_BYTES 24
#define LETTERS_MAX 128 /* that only some languages have */

/* One list a language, folded; commonest words, then what customers say. */
static const struct {
	const char *tag;
	const char *words;
} lists[] = {
	{ "en",
	    "the of and to in is are was were be been being that this these "
	    "those it its he she they we you i my your our their his her "
	    "them us what when where who whom which why how can could will "
	    "would shall should may might must do does did done don doesn "
	    "didn not have has had having with without for from by at on off "
	    "as an or but if then than there here about after before again "
	    "up out over under into some any every all only also just very "
	    "too more most much many other such same so yes still yet never "
	    "always hello hi hey thanks thank please sorry morning evening "
	    "afternoon good help need want get got give like know tell "
	    "make take work works working order orders ordered parcel "
	    "package delivery deliver delivered shipping shipped money back "
	    "refund return cancel change pay paid payment price cost much "
	    "long open opening closed hours store shop buy bought broken "
	    "arrived late missing wrong where's speak talk someone human "
	    "person call phone account password invoice address today "
	    "tomorrow yesterday week day days ll ve re isn can't i'm" },
	{ "es",
	    "el la los las de del y que en un una unos unas es son esta "
	    "estan estoy esto ese eso estos esas por para con sin sobre entre "
	    "desde hasta su sus mi mis tu tus se lo le les me te nos yo "
	    "usted ustedes ellos ella nosotros como cuando donde quien "
	    "cual cuales cuanto cuanta cuantos cuesta porque pero si no ya "
	    "muy mas menos tambien tan todo toda todos todas algo nada "
	    "alguien hay ser tener tengo tiene tienen puedo puede pueden "
	    "quiero quisiera quiere necesito necesita hacer hago hace ha he "
	    "han fue era soy eres estaba sido dos al ni aun aqui ahi "
	    "alli ahora hoy manana ayer siempre nunca hola buenos buenas "
	    "dias tardes noches gracias favor ayuda pedido pedidos "
	    "paquete envio enviar llega llegado llego llegar dinero "
	    "devolver devolucion devuelvan reembolso cambiar cambio cancelar "
	    "pagar pago precio tienda abren abierto cierran horario horarios "
	    "comprar compre roto rota tarde hablar persona alguno cuenta "
	    "contrasena factura direccion semana dia vale venden vosotros "
	    "gustaria saber sirve perdon tarjeta estado esperando" },
	{ "pt",
	    "o os a as de do da dos das e que em no na nos nas um uma "
	    "uns umas eh sao esta estao estou isto isso esse essa este "
	    "por para com sem sobre entre desde ate seu sua seus suas meu "
	    "minha meus minhas teu tua se lhe me te nos eu voce voces ele "
	    "ela eles elas como quando onde quem qual quais quanto quanta "
	    "quantos custa porque mas sim nao ja muito mais menos tambem "
	    "tao tudo todo todos algo nada alguem ha ser ter tenho tem pode "
	    "posso podem quero queria gostaria preciso fazer faco faz foi "
	    "era sou ao aos pelo pela num numa agora hoje amanha ontem "
	    "sempre nunca ola oi bom boa tarde noite obrigado obrigada "
	    "favor ajuda pedido pedidos encomenda pacote envio enviar chega "
	    "chegou chegar dinheiro devolver devolucao reembolso trocar "
	    "troca cancelar pagar pagamento preco loja abrem aberto fecha "
	    "horario comprar comprei quebrado falar pessoa atendente conta "
	    "senha fatura boleto endereco semana dia dias ainda aqui "
	    "cade vcs vc tava ta pra pro cartao estado esperando" },
	{ "fr",
	    "le la les de du des et que qui en un une est sont etait etre "
	    "suis ce cet cette ces ca par pour avec sans sur sous entre "
	    "dans depuis jusqu son sa ses mon ma mes ton ta tes notre nos "
	    "votre vos leur leurs se il elle ils elles je tu nous vous on "
	    "moi lui y comment quand ou quel quelle quels quelles combien "
	    "pourquoi parce mais si oui non ne pas plus moins tres trop "
	    "aussi tout toute tous toutes rien quelque quelqu aucun ont ai "
	    "as a avez avons avoir peux peut pouvez pourrais voudrais veux "
	    "faut faire fait au aux deja encore toujours jamais ici "
	    "maintenant aujourd hui demain hier bonjour bonsoir salut merci "
	    "svp plait aide besoin commande commandes colis livraison livrer "
	    "livre envoyer recu arrive argent rembourser remboursement "
	    "rendre retour echanger changer annuler payer paiement prix "
	    "cout coute magasin ouvert ouvrez ferme horaires heures acheter "
	    "achete casse parler personne conseiller compte passe facture "
	    "adresse semaine jour jours c j l d n qu s m est-ce vers" },
	{ "de",
	    "der die das den dem des und oder aber ein eine einen einem "
	    "einer eines ist sind war waren sein bin bist wird werden wurde "
	    "wurden worden hat haben habe hatte hatten ich du er sie es wir "
	    "ihr mich mir dich dir uns euch ihnen ihm mein meine meinen "
	    "meinem meiner dein deine unser unsere euer eure kein keine "
	    "nicht auch nur noch schon sehr mehr viel wie was wann wo wer "
	    "warum welche welcher welches wieviel woher wohin wenn weil "
	    "dass ob als mit ohne fur von vom zu zum zur bei beim nach aus "
	    "auf an am im in um uber unter vor durch gegen bis seit kann "
	    "konnen konnte konnten koennen muss mussen soll sollen will "
	    "mochte mochten darf gibt machen mache hallo guten tag morgen "
	    "abend danke vielen dank bitte ja nein hilfe brauche paket bestellung "
	    "bestellt bestellen lieferung geliefert versand angekommen "
	    "kommt geld zuruck zurueck ruckgabe rucksendung erstattung "
	    "umtauschen tauschen stornieren andern bezahlen zahlung preis "
	    "kostet laden geschaft geoffnet offnungszeiten kaufen gekauft "
	    "kaputt sprechen jemand mensch mitarbeiter konto passwort "
	    "rechnung adresse woche heute gestern immer nie hier jetzt fuer "
	    "ueber kriege kriegt" },
	{ "it",
	    "il lo la i gli le di del della dei delle dello degli e ed che "
	    "chi in nel nella nei un uno una sono siamo era essere stato "
	    "questo questa questi queste quello quella per con senza su sul "
	    "sulla tra fra da dal dalla dai al alla ai alle mio mia miei "
	    "mie tuo tua suo sua nostro vostro si ci vi mi ti io tu lui lei "
	    "noi voi loro come quando dove quale quali quanto quanta costa "
	    "costano perche ma se anche non piu meno molto troppo tutto tutti "
	    "tutta qualcosa niente nessuno qualcuno ho hai ha abbiamo avete "
	    "hanno avere posso puo potete puoi vorrei voglio serve devo fare "
	    "fatto gia ancora sempre mai qui adesso ora oggi domani ieri "
	    "ciao buongiorno buonasera salve grazie prego favore aiuto "
	    "bisogno ordine ordini pacco spedizione spedire consegna "
	    "arrivato arriva soldi indietro rimborso restituire reso "
	    "cambiare cambio annullare pagare pagamento prezzo negozio "
	    "aperto aprite chiuso orari orario comprare comprato rotto "
	    "parlare persona operatore conto fattura indirizzo settimana "
	    "giorno giorni c'e dov'e" },
	{ "nl",
	    "de het een en of maar dat die deze dit is zijn was waren ben "
	    "bent wordt worden werd heb hebt heeft hebben had ik jij je u "
	    "hij zij ze wij we jullie mij me jou ons hen hun mijn jouw uw "
	    "onze geen niet ook nog al wel heel erg meer veel hoe wat "
	    "wanneer waar wie waarom welke hoeveel als omdat met zonder "
	    "voor van naar bij uit op aan in om over onder door tegen tot "
	    "sinds kan kunnen kon moet moeten zal zou wil willen mag graag "
	    "gaat doen doe hallo hoi goedemorgen goedemiddag goedenavond "
	    "dag dank bedankt alstublieft alsjeblieft ja nee hulp nodig "
	    "pakket pakje bestelling besteld bestellen levering geleverd "
	    "verzending aangekomen komt geld terug retour terugsturen "
	    "terugbetaling ruilen annuleren wijzigen betalen betaling prijs "
	    "kost winkel open gesloten openingstijden kopen gekocht kapot "
	    "spreken iemand mens medewerker rekening wachtwoord factuur "
	    "adres week vandaag morgen gisteren altijd nooit hier nu" },
	{ "ca",
	    "el els la les del dels i que en un una uns unes es son amb "
	    "sense per sobre entre fins seu seva meu meva em et ens us jo "
	    "vosaltres ells quan on qui quin quina quant quants costa perque "
	    "pero si no ja molt mes menys tambe tot tota tots res algu hi "
	    "ha ser tenir tinc te pot puc poden vull voldria necessito fer "
	    "fa va soc al als pel pels ara avui dema ahir sempre mai "
	    "bon bona dia tarda nit gracies sisplau ajuda comanda paquet "
	    "enviament arriba arribat diners tornar devolucio reemborsament "
	    "canviar cancel pagar preu botiga obren obert tanquen horari "
	    "comprar trencat parlar persona compte factura adreca setmana "
	    "aixo aquest aquesta aquests meus" },
	{ "sv",
	    "och att det den de som en ett ar var vara varit har hade jag du "
	    "han hon vi ni mig dig oss er min mitt mina din ditt vart inte "
	    "ingen inget ocksa bara mycket mer hur vad nar var vem varfor "
	    "vilken vilket om eller men for fran med utan pa av till i vid "
	    "efter under over kan kunna ska skulle vill maste far hej hejsan "
	    "tack snalla ja nej hjalp behover paket bestallning bestallt "
	    "leverans levererat kommer kommit pengar tillbaka retur aterbetalning byta "
	    "avbryta andra betala betalning pris kostar butik oppet oppettider "
	    "kopa kopt trasig prata nagon konto losenord faktura adress "
	    "vecka idag imorgon igar alltid aldrig har nu mitt" },
	{ "da",
	    "og at det den de som en et er var vaere vaeret har havde jeg du "
	    "han hun vi mig dig os jer min mit mine din dit ikke ingen "
	    "intet ogsa kun meget mere hvordan hvad hvornar hvor hvem "
	    "hvorfor hvilken hvilket om eller men for fra med uden pa af "
	    "til i ved efter under over kan kunne skal skulle vil ma far hej "
	    "goddag tak venligst ja nej hjaelp brug pakke bestilling "
	    "bestilt levering leveret kommer kommet penge tilbage retur "
	    "tilbagebetaling bytte annullere betale betaling pris koster "
	    "butik abent abningstider kobe kobt odelagt tale nogen konto "
	    "adgangskode faktura adresse uge idag imorgen igar altid aldrig "
	    "nu gerne sig bliver blev igen ud ind mod mellem hver "
	    "bruge brug bruger findes giver fordi nogle fejl enten "
	    "bade denne dette disse selv samt hvis" },
	{ "no",
	    "og at det den de som en ei et er var vaere vaert har hadde jeg "
	    "du han hun vi meg deg oss dere min mitt mine din ditt ikke "
	    "ingen ingenting ogsa bare veldig mye mer hvordan hva nar hvor "
	    "hvem hvorfor hvilken hvilket om eller men for fra med uten pa "
	    "av til i ved etter under over kan kunne skal skulle vil ma far "
	    "hei heisann takk vennligst ja nei hjelp trenger pakke pakken "
	    "bestilling bestilt levering levert kommer kommet penger tilbake "
	    "retur refusjon bytte avbestille betale betaling pris koster "
	    "butikk apent apningstider kjope kjopt odelagt snakke noen konto "
	    "passord faktura adresse uke idag imorgen igar alltid aldri na "
	    "gjerne seg blir ble igjen ut opp inn mot mellom hver bruke bruk "
	    "bruker finnes gir fordi noe feil enten bade denne dette "
	    "disse selv samt hvis" },
	{ "fi",
	    "ja on ei se etta oli olla olen olet ovat han mina sina me te he "
	    "minun sinun hanen mun taman tama tuo nama mita mika missa "
	    "milloin kuka miksi miten kuinka paljon kun jos tai mutta kanssa "
	    "ilman voi voin voiko voitte haluan haluaisin pitaa saa saan "
	    "moi hei terve huomenta kiitos ole hyva kylla apua tarvitsen "
	    "paketti pakettini tilaus tilaukseni tilasin toimitus saapunut "
	    "tulee rahat takaisin palautus palauttaa vaihtaa peruuttaa "
	    "maksaa maksu hinta kauppa auki aukioloajat ostaa ostin rikki "
	    "puhua joku tili salasana lasku osoite viikko tanaan huomenna "
	    "eilen aina nyt viela myos vain joka jotka jonka joita kuin "
	    "seka niiden niita kaikki muut eivat kuten "
	    "esimerkiksi sitten ennen jalkeen mukaan voidaan kaytetaan "
	    "kayttaa nayttaa lisaa yli alle asti josta jossa sen sita "
	    "siita naita nama tassa tasta koska vaikka ollut olisi "
	    "vuonna" },
	{ "pl",
	    "i w z na do nie to jest sa byl byla bylo byc sie ze co jak "
	    "kiedy gdzie kto dlaczego ktory ktora ktore ile czy ale lub albo "
	    "dla od po przez za przed pod bez przy ja ty on ona my wy oni "
	    "mnie mi moj moja moje twoj twoja nasz wasz ten ta te tego tej "
	    "tylko juz jeszcze bardzo wiecej tak moge moze mozna chce "
	    "chcialbym chcialabym potrzebuje musze prosze dzien dobry czesc "
	    "witam dziekuje pomoc pomocy zamowienie zamowienia zamowilem "
	    "paczka paczke przesylka dostawa wysylka dotarla pieniadze "
	    "zwrot zwrocic wymienic anulowac zmienic zaplacic platnosc cena "
	    "kosztuje sklep otwarte otwarty godziny kupic kupilem zepsute "
	    "rozmawiac ktos konto haslo faktura adres tydzien dzis dzisiaj "
	    "jutro wczoraj zawsze nigdy tutaj teraz mam masz ma" },
	{ "cs",
	    "a v z na do ne ja je jsou byl byla bylo byt se ze co jak kdy "
	    "kde kdo proc ktery ktera ktere kolik jestli ale nebo pro od po "
	    "pres za pred pod bez pri ty on ona my vy oni mne mi muj moje "
	    "tvuj nas vas ten ta to tohle jen uz jeste velmi vice ano muzu "
	    "muze chci chtel potrebuji musim prosim dobry den ahoj dekuji "
	    "pomoc objednavka objednavku balik doruceni zasilka penize "
	    "vratit vraceni vymenit zrusit zmenit zaplatit platba cena "
	    "stoji obchod otevreno oteviraci koupit rozbite mluvit nekdo "
	    "ucet heslo faktura adresa tyden dnes zitra vcera vzdy nikdy "
	    "tady ted mam mate neni jsem jste" },
	{ "ro",
	    "si in de la cu pe un o este sunt era fost fi ca ce cum cand "
	    "unde cine cat costa dar sau daca pentru din fara despre "
	    "intre dupa prin eu tu el ea noi voi ei mie imi iti va ne mea "
	    "meu mei tau sa nu da mai foarte mult doar inca deja pot poate "
	    "puteti vreau doresc trebuie am ai are avem aveti buna ziua "
	    "seara salut multumesc rog ajutor nevoie comanda comanda mea "
	    "pachet colet livrare ajuns ajunge bani inapoi returna retur "
	    "rambursare schimba anula plati plata pret magazin deschis "
	    "program cumpara cumparat stricat vorbesc vorbi cineva cont "
	    "parola factura adresa saptamana azi maine ieri acum aici" },
	{ "hu",
	    "a az es egy nem hogy van volt vagyok vannak lesz lenni ez azt "
	    "ezt mi mit mikor hol ki miert hogyan melyik mennyi mennyibe "
	    "kerul de vagy ha meg mar csak nagyon is en te o mi ti nekem "
	    "neked enyem tud tudok lehet szeretnek szeretnem akarok kell "
	    "kerem szia jo napot koszonom igen segitseg csomag "
	    "csomagom rendeles rendelesem szallitas megerkezett penz vissza "
	    "visszakuldes visszaterites csere lemondani fizetni fizetes ar "
	    "uzlet nyitva nyitvatartas venni vettem torott beszelni valaki "
	    "fiok jelszo szamla cim het ma holnap tegnap mindig most itt" },
	{ "tr",
	    "ve bir bu su o da de ile icin gibi kadar ama veya ya ki ne "
	    "nasil ne\xc4\xb1 zaman nerede nereye neden nicin hangi kac "
	    "kaca mi m\xc4\xb1 mu musunuz misiniz var yok degil cok daha en "
	    "her hic ben sen biz siz onlar benim senin bizim sizin bana sana "
	    "size evet hay\xc4\xb1r merhaba selam gunayd\xc4\xb1n iyi gunler "
	    "tesekkurler tesekkur lutfen yard\xc4\xb1m istiyorum isterim "
	    "gerekiyor olarak olan oldu olur siparis siparisim siparisi "
	    "kargo kargom paket teslimat geldi gelmedi gelecek para "
	    "param iade iadesi degisim iptal odeme fiyat kac\xc4\xb1na magaza "
	    "ac\xc4\xb1k saatleri sat\xc4\xb1n ald\xc4\xb1m bozuk konusmak biri "
	    "hesap hesab\xc4\xb1m sifre sifremi fatura adres hafta bugun yar\xc4\xb1n dun "
	    "simdi hala" },
	{ "id",
	    "yang dan di ke dari untuk dengan pada ini itu ada tidak tak "
	    "bukan belum sudah akan bisa dapat boleh mau ingin harus saya "
	    "aku kamu anda kami kita mereka dia nya apa apakah kapan dimana "
	    "mana siapa kenapa mengapa bagaimana gimana berapa atau tapi "
	    "tetapi jika kalau karena juga hanya saja lagi masih sangat "
	    "lebih banyak semua halo hai selamat pagi siang sore malam "
	    "terima kasih makasih tolong mohon maaf bantuan pesanan pesan "
	    "paket pengiriman kirim dikirim sampai uang kembali pengembalian "
	    "tukar batal batalkan ubah bayar pembayaran harga toko buka "
	    "tutup jam beli membeli rusak bicara orang akun sandi "
	    "faktur alamat minggu hari besok kemarin sekarang gak nggak ga "
	    "kak min dong kok sih bagi tersedia stok" },
	{ "vi",
	    "la va cua co khong mot cac nhung duoc cho voi trong tren nay do "
	    "khi nao dau ai tai sao the lam gi bao nhieu toi ban chung minh "
	    "anh chi em da se dang rat cung chi nhung hoac neu vi xin chao "
	    "cam on vui long giup don hang giao nhan tien hoan tra doi huy "
	    "thanh toan gia cua mo mua hong noi chuyen nguoi tai khoan mat "
	    "khau hoa dia tuan ngay hom qua mai bay gio muon can" },
	{ "sw",
	    "na ya wa kwa ni za la katika hii hiyo huu hizi yangu wangu "
	    "changu langu yako wako mimi wewe sisi ninyi wao nini lini wapi "
	    "nani kwanini vipi gani ngapi au lakini kama bado tayari sana "
	    "zaidi ndiyo hapana hapa sasa leo kesho jana nataka naomba "
	    "ninahitaji naweza unaweza habari jambo mambo asante tafadhali "
	    "samahani msaada oda agizo mzigo kifurushi pesa rudisha "
	    "kurudisha kubadilisha kughairi kulipa malipo bei duka wazi "
	    "kununua nimenunua imevunjika kuongea mtu akaunti nenosiri ankara "
	    "anwani wiki siku" },
	{ "hi-Latn",
	    "hai hain tha thi the ho hoga hogi raha rahi rahe kya kyu kyun "
	    "kyon kab kahan kaha kaise kaisa kaun kitna kitne kitni mera "
	    "meri mere mujhe mujhko main hum hamara aap aapka aapki aapke "
	    "tum tera uska iska unka ka ki ke ko se mein par pe aur ya lekin "
	    "magar agar toh bhi nahi nahin nhi mat haan han ji bahut abhi ab "
	    "kal aaj phir sirf sab kuch koi wala wali karo kare karna karne "
	    "kar kiya kijiye chahiye chahie sakta sakte sakti milega mila "
	    "milegi aaya aayega aaya paisa paise wapas wapis dukan khula "
	    "kharid kharida tuta baat namaste namaskar shukriya dhanyavad "
	    "dhanyawad kripya madad bhai yaar btao batao bataiye gaya gayi "
	    "diya dena lena" },
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

_Static_assert(LISTS <= 32, "a set of languages is 32 bits");

/* Letters of Latin script that only some languages have. */
static const struct {
	const char *letters; /* UTF-8, small */
	const char *tags;
	double weight;
} letters[] = {
	{ "ñ¿¡", "es", 0.9 },
	{ "ãõ", "pt", 0.9 },
	{ "ß", "de", 0.9 },
	{ "äü", "de sv fi hu tr", 0.3 },
	{ "ö", "de sv fi hu tr", 0.3 },
	{ "å", "sv da no", 0.5 },
	{ "æø", "da no", 0.6 },
	{ "ùêèûœ", "fr", 0.4 },
	{ "ì", "it", 0.8 },
	{ "ò", "it ca", 0.5 },
	{ "à", "fr it ca pt", 0.25 },
	{ "ç", "fr pt ca tr", 0.25 },
	{ "íóú", "es pt", 0.3 },
	{ "é", "fr es pt", 0.15 },
	{ "á", "es pt hu cs", 0.2 },
	{ "ąęłńśźż", "pl", 0.9 },
	{ "řůěť", "cs", 0.9 },
	{ "žšč", "cs", 0.4 },
	{ "őű", "hu", 0.9 },
	{ "țșăţ", "ro", 0.8 },
	{ "ğış", "tr", 0.8 },
	{ "ơưđ", "vi", 0.9 },
};

/* Endings that tell, of words of six bytes or more (folded). */
static const struct {
	const char *ending;
	const char *tags;
	double weight;
} endings[] = {
	{ "cion", "es", 0.6 },
	{ "ciones", "es", 0.6 },
	{ "cao", "pt", 0.6 },
	{ "coes", "pt", 0.6 },
	{ "zione", "it", 0.6 },
	{ "zioni", "it", 0.6 },
	{ "ing", "en", 0.4 },
	{ "ness", "en", 0.4 },
	{ "ght", "en", 0.4 },
	{ "ung", "de", 0.4 },
	{ "lich", "de", 0.5 },
	{ "keit", "de", 0.5 },
	{ "schaft", "de", 0.5 },
	{ "eux", "fr", 0.5 },
	{ "ement", "fr en", 0.2 },
	{ "heid", "nl", 0.5 },
	{ "lijk", "nl", 0.5 },
	{ "ando", "es pt it", 0.2 },
	{ "iendo", "es", 0.5 },
	{ "mente", "es pt it", 0.2 },
	{ "dade", "pt", 0.5 },
	{ "idad", "es", 0.5 },
	{ "ados", "es pt", 0.2 },
	{ "lar\xc4\xb1", "tr", 0.5 },
	{ "leri", "tr", 0.4 },
	{ "nya", "id", 0.5 },
	{ "inen", "fi", 0.6 },
	{ "iset", "fi", 0.6 },
	{ "issa", "fi it", 0.3 },
	{ "assa", "fi it", 0.2 },
	{ "essa", "fi it", 0.2 },
	{ "lla", "fi", 0.2 },
	{ "lle", "fi", 0.3 },
	{ "ista", "fi es it", 0.2 },
	{ "iin", "fi", 0.5 },
	{ "taan", "fi", 0.5 },
	{ "sti", "fi", 0.2 },
	{ "ksi", "fi", 0.5 },
	{ "uksen", "fi", 0.6 },
	{ "hed", "da", 0.5 },
	{ "erne", "da", 0.5 },
	{ "ede", "da no", 0.2 },
	{ "else", "da no", 0.3 },
	{ "elser", "da no", 0.5 },
	{ "heten", "sv no", 0.5 },
	{ "orna", "sv", 0.5 },
	{ "arna", "sv", 0.5 },
	{ "ningen", "sv no da", 0.2 },
	{ "asok", "hu", 0.4 },
	{ "esek", "hu", 0.4 },
	{ "nak", "hu", 0.4 },
	{ "nek", "hu", 0.4 },
	{ "ban", "hu", 0.2 },
	{ "ben", "hu", 0.2 },
	{ "sagot", "hu", 0.5 },
	{ "seget", "hu", 0.5 },
	{ "asi", "hu", 0.2 },
	{ "owych", "pl", 0.6 },
	{ "nych", "pl", 0.5 },
	{ "nego", "pl", 0.5 },
	{ "nosc", "pl", 0.6 },
	{ "enie", "pl", 0.4 },
	{ "anie", "pl", 0.4 },
};

struct slot {
	char word[WORD_MAX_BYTES];
	uint32_t langs; /* bit i: lists[i]; 0: free */
};

/* What table_make() makes of letters and endings; bit i: lists[i]. */
struct letter {
	uint32_t c;
	uint32_t langs;
	double weight;
};
static struct letter letter_table[LETTERS_MAX];
static size_t letter_count;
static uint32_t ending_langs[sizeof(endings) / sizeof(endings[0])];
/* Those with each last byte, by their number from 1; 0 ends a row. */
static uint8_t ends_so[UINT8_MAX + 1];
static uint8_t ends_too[sizeof(endings) / sizeof(endings[0]) + 1];
static uint32_t alike_langs;

static struct slot *table;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static struct slot *
slot_of(const char *word, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 16777619u;
	for (i = h % SLOTS; table[i].langs != 0; i = (i + 1) % SLOTS)
		if (table[i].word[len] == '\0' &&
		    memcmp(table[i].word, word, len) == 0)
			break;
	return &table[i];
}

/* Written so much alike that the better one is taken, be it by chance, where all
 * others are far behind: to answer in it is better than in none. */
static const char alike[] = "da no";

/* The set of the languages named in tags. */
static uint32_t
langs_of(const char *tags)
{
	uint32_t langs = 0;
	size_t i, len;

	for (; *tags != '\0'; tags += len + (tags[len] == ' ')) {
		len = strcspn(tags, " ");
		for (i = 0; i < LISTS; i++)
			if (strlen(lists[i].tag) == len &&
			    strncmp(lists[i].tag, tags, len) == 0)
				langs |= 1u << i;
	}
	return langs;
}

static void
table_make(void)
{
	const char *p, *q, *end;
	struct slot *s;
	size_t i, len;
	unsigned char last;

	table = xcalloc(SLOTS, sizeof(*table));
	for (i = 0; i < LISTS; i++) {
		for (p = lists[i].words; *p != '\0'; p = q) {
			len = strcspn(p, " ");
			q = p + len + strspn(p + len, " ");
			if (len == 0 || len >= WORD_MAX_BYTES)
				continue;
			s = slot_of(p, len);
			memcpy(s->word, p, len);
			s->langs |= 1u << i;
		}
	}
	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		p = letters[i].letters;
		for (end = p + strlen(p);
		     p < end && letter_count < LETTERS_MAX;)
			letter_table[letter_count++] =
			    (struct letter){ utf8_next(&p, end),
				    langs_of(letters[i].tags),
				    letters[i].weight };
	}
	alike_langs = langs_of(alike);
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		p = endings[i].ending;
		ending_langs[i] = langs_of(endings[i].tags);
		last = (unsigned char)p[strlen(p) - 1];
		ends_too[i + 1] = ends_so[last];
		ends_so[last] = (uint8_t)(i + 1);
	}
}

/* Add weight to each of a set of languages. */
static void
credit(double *scores, uint32_t langs, double weight)
{
	for (; langs != 0; langs &= langs - 1)
		scores[__builtin_ctz(langs)] += weight;
}

/* How many a word leaves to choose from: those that are alike are one. */
static int
told_apart(uint32_t langs)
{
	uint32_t same = langs & alike_langs;

	return __builtin_popcount(langs & ~same) + (same != 0);
}

static void
credit_word(double *scores, const char *word, size_t len)
{
	const struct slot *s;
	double weight;
	size_t i, n;

	if (len >= WORD_MAX_BYTES)
		s = NULL;
	else
		s = slot_of(word, len);
	if (s != NULL && s->langs != 0) {
		weight = 1.0 / told_apart(s->langs);
		if (len == 1)
			weight /= 2;
		credit(scores, s->langs, weight);
		return;
	}
	if (len < 6)
		return;
	for (i = ends_so[(unsigned char)word[len - 1]]; i > 0;
	     i = ends_too[i]) {
		n = strlen(endings[i - 1].ending);
		if (memcmp(word + len - n, endings[i - 1].ending, n) == 0)
			credit(scores, ending_langs[i - 1],
			    endings[i - 1].weight);
	}
}

static void
credit_letter(double *scores, uint32_t c)
{
	size_t i;

	if (c >= 0x1ea0 && c <= 0x1ef9) { /* two marks on one letter */
		credit(scores, langs_of("vi"), 0.9);
		return;
	}
	/* Capitals of Latin-1 and Latin Extended-A, near enough. */
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		c += 32;
	else if (c >= 0x100 && c <= 0x137 && c % 2 == 0 && c != 0x130)
		c++;
	else if (c >= 0x14a && c <= 0x177 && c % 2 == 0)
		c++;
	for (i = 0; i < letter_count; i++)
		if (letter_table[i].c == c)
			credit(scores, letter_table[i].langs,
			    letter_table[i].weight);
}

/* Addresses of the web and of mail are in no language. */
static void
blank_addresses(char *text)
{
	size_t len = strlen(text);

	/* Most texts have none. */
	if (memchr(text, '@', len) == NULL &&
	    memmem(text, len, "://", 3) == NULL &&
	    memmem(text, len, "www.", 4) == NULL)
		return;
	for (; *text != '\0'; text += len) {
		len = strcspn(text, " \t\r\n");
		if (memmem(text, len, "://", 3) != NULL ||
		    memmem(text, len, "www.", 4) != NULL ||
		    memchr(text, '@', len) != NULL)
			memset(text, ' ', len);
		len += strspn(text + len, " \t\r\n");
	}
}

static bool
is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static const char *
detect_latin(const char *text, size_t len)
{
	double scores[LISTS] = { 0 }, second = 0;
	const char *p = text, *start, *end = text + len;
	char *folded;
	size_t i, best = 0, words = 0;
	uint32_t c;

	pthread_once(&table_once, table_make);
	while (p < end)
		if ((unsigned char)*p < 128)
			p++;
		else
			credit_letter(scores, utf8_next(&p, end));
	folded = utf8_fold(text, len);
	blank_addresses(folded);
	p = folded;
	end = folded + strlen(folded);
	start = NULL;
	for (;;) {
		const char *at;

		/* Most words are these letters and a blank behind them. */
		for (at = p; is_letter(*p); p++)
			;
		if (start == NULL && p > at)
			start = at;
		at = p;
		c = utf8_next(&p, end);
		if (c != 0 && utf8_is_word(c)) {
			if (start == NULL)
				start = at;
			continue;
		}
		if (start != NULL) {
			credit_word(scores, start, (size_t)(at - start));
			words++;
		}
		start = NULL;
		if (c == 0)
			break;
	}
	free(folded);
	for (i = 1; i < LISTS; i++)
		if (scores[i] > scores[best])
			best = i;
	for (i = 0; i < LISTS; i++) {
		if (i == best || (alike_langs >> best & alike_langs >> i & 1))
			continue;
		if (scores[i] > second)
			second = scores[i];
	}
	if (scores[best] < SURE_RATIO * second ||
	    scores[best] < SURE_SHARE * (double)words)
		return "und";
	/* A lone shared word still tells when nothing speaks against it. */
	if (scores[best] < SURE_SCORE &&
	    (scores[best] < 0.4 || second > 0.2 || words > 4))
		return "und";
	return lists[best].tag;
}

/* What a code point's script says; NULL: Latin, or nothing. */
enum script {
	NONE,
	LATIN,
	CYRILLIC,
	ARABIC,
	DEVANAGARI,
	HAN,
	KANA,
	HANGUL,
	GREEK,
	HEBREW,
	ARMENIAN,
	GEORGIAN,
	ETHIOPIC,
	BENGALI,
	GURMUKHI,
	GUJARATI,
	ODIA,
	TAMIL,
	TELUGU,
	KANNADA,
	MALAYALAM,
	SINHALA,
	THAI,
	LAO,
	MYANMAR,
	KHMER,
	SCRIPTS
};

static const struct {
	uint32_t first, last;
	enum script script;
} ranges[] = {
	{ 'A', 'Z', LATIN },
	{ 'a', 'z', LATIN },
	{ 0xaa, 0x24f, LATIN },
	{ 0x370, 0x3ff, GREEK },
	{ 0x400, 0x52f, CYRILLIC },
	{ 0x530, 0x58f, ARMENIAN },
	{ 0x5d0, 0x5f4, HEBREW },
	{ 0x620, 0x6ff, ARABIC },
	{ 0x750, 0x77f, ARABIC },
	{ 0x900, 0x97f, DEVANAGARI },
	{ 0x980, 0x9ff, BENGALI },
	{ 0xa00, 0xa7f, GURMUKHI },
	{ 0xa80, 0xaff, GUJARATI },
	{ 0xb00, 0xb7f, ODIA },
	{ 0xb80, 0xbff, TAMIL },
	{ 0xc00, 0xc7f, TELUGU },
	{ 0xc80, 0xcff, KANNADA },
	{ 0xd00, 0xd7f, MALAYALAM },
	{ 0xd80, 0xdff, SINHALA },
	{ 0xe00, 0xe7f, THAI },
	{ 0xe80, 0xeff, LAO },
	{ 0x1000, 0x109f, MYANMAR },
	{ 0x10a0, 0x10ff, GEORGIAN },
	{ 0x1100, 0x11ff, HANGUL },
	{ 0x1200, 0x139f, ETHIOPIC },
	{ 0x1780, 0x17ff, KHMER },
	{ 0x1e00, 0x1eff, LATIN },
	{ 0x1f00, 0x1fff, GREEK },
	{ 0x3040, 0x30ff, KANA },
	{ 0x3400, 0x4dbf, HAN },
	{ 0x4e00, 0x9fff, HAN },
	{ 0xac00, 0xd7af, HANGUL },
	{ 0xf900, 0xfaff, HAN },
	{ 0xfb50, 0xfdff, ARABIC },
	{ 0xfe70, 0xfefe, ARABIC },
	{ 0x20000, 0x3134f, HAN },
};

static const char *const script_tags[SCRIPTS] = {
	[GREEK] = "el",
	[HEBREW] = "he",
	[ARMENIAN] = "hy",
	[GEORGIAN] = "ka",
	[ETHIOPIC] = "am",
	[BENGALI] = "bn",
	[GURMUKHI] = "pa",
	[GUJARATI] = "gu",
	[ODIA] = "or",
	[TAMIL] = "ta",
	[TELUGU] = "te",
	[KANNADA] = "kn",
	[MALAYALAM] = "ml",
	[SINHALA] = "si",
	[THAI] = "th",
	[LAO] = "lo",
	[MYANMAR] = "my",
	[KHMER] = "km",
	[HANGUL] = "ko",
	[KANA] = "ja",
};

static enum script
script_of(uint32_t c)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]), mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (c < ranges[mid].first)
			high = mid;
		else if (c > ranges[mid].last)
			low = mid + 1;
		else
			return c == 0xd7 || c == 0xf7 ? NONE :
							ranges[mid].script;
	}
	return NONE;
}

/* How often a letter of set is in text. */
static size_t
count_of(const char *text, size_t len, const char *set)
{
	const char *p = text, *end = text + len, *q, *set_end;
	uint32_t c, d;
	size_t n = 0;

	set_end = set + strlen(set);
	while ((c = utf8_next(&p, end)) != 0)
		for (q = set; (d = utf8_next(&q, set_end)) != 0;)
			n += c == d;
	return n;
}

static bool
has(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

const char *
language_detect(const char *text, size_t len)
{
	size_t counts[SCRIPTS] = { 0 };
	size_t i, best = NONE, total = 0, most;
	const char *p, *end;

	len = utf8_cut(text, len, LOOK_BYTES);
	len = strnlen(text, len);
	end = text + len;
	for (p = text; p < end;)
		if ((unsigned char)*p < 128)
			counts[is_letter(*p++) ? LATIN : NONE]++;
		else
			counts[script_of(utf8_next(&p, end))]++;
	/* A sign of Han is a word, a letter is a fifth of one. */
	counts[HAN] *= 4;
	counts[KANA] *= 2;
	counts[HANGUL] *= 2;
	counts[NONE] = 0;
	for (i = 0; i < SCRIPTS; i++) {
		total += counts[i];
		if (counts[i] > counts[best])
			best = i;
	}
	most = counts[best];
	/* Japanese is written in both: neither alone need be most of it. */
	if (counts[HAN] + counts[KANA] > most && counts[KANA] > 0) {
		best = HAN;
		most = counts[HAN] + counts[KANA];
	}
	if (total == 0 || most * 5 < total * 2)
		return "und";
	switch (best) {
	case LATIN:
		return detect_latin(text, len);
	case HAN:
	case KANA:
		/* Japanese has some kana in every sentence. */
		return counts[KANA] * 10 >= counts[HAN] ? "ja" : "zh";
	case CYRILLIC:
		if (count_of(text, len, "іїєґІЇЄҐ") > 0)
			return "uk";
		if (count_of(text, len, "ыэёЫЭЁ") == 0 &&
		    count_of(text, len, "ъЪ") * 40 > counts[CYRILLIC])
			return "bg";
		return "ru";
	case ARABIC:
		if (count_of(text, len, "ٹڈڑںےہھ") > 0)
			return "ur";
		if (count_of(text, len, "پچژگکی") > 0)
			return "fa";
		return "ar";
	case DEVANAGARI:
		if (count_of(text, len, "ळ") > 0 || has(text, len, "आहे") ||
		    has(text, len, "नाही"))
			return "mr";
		return "hi";
	default:
		return script_tags[best];
	}
}

#define TAG_MAX_BYTES 35
#define SUBTAG_MAX_BYTES 8
_Static_assert(TAG_MAX_BYTES < LANGUAGE_TAG_BYTES, "a tag and NUL");

bool
language_tag_valid(const char *tag, size_t len)
{
	size_t i = 0, from;

	while (i < len && is_letter(tag[i]))
		i++;
	if (i < 2 || i > 3 || len > TAG_MAX_BYTES)
		return false;
	while (i < len) {
		if (tag[i++] != '-')
			return false;
		for (from = i; i < len &&
		     (is_letter(tag[i]) || (tag[i] >= '0' && tag[i] <= '9'));
		     i++)
			;
		if (i == from || i - from > SUBTAG_MAX_BYTES)
			return false;
	}
	return true;
}

void
language_tag_write(const char *tag, char ret[LANGUAGE_TAG_BYTES])
{
	size_t i, from = 0, n;

	snprintf(ret, LANGUAGE_TAG_BYTES, "%s", tag);
	for (i = 0; ret[i] != '\0'; i++)
		if (ret[i] >= 'A' && ret[i] <= 'Z')
			ret[i] = (char)(ret[i] | 32);
	/* A region has capitals, a script one. */
	for (; ret[from] != '\0'; from += n + (ret[from + n] == '-')) {
		n = strcspn(ret + from, "-");
		for (i = 0;
		     from > 0 && (n == 2 || n == 4) && i < (n == 2 ? 2 : 1);
		     i++)
			if (is_letter(ret[from + i]))
				ret[from + i] = (char)(ret[from + i] & ~32);
	}
}

bool
language_in_range(const char *tag, const char *range)
{
	size_t n = strlen(range);

	return strncasecmp(tag, range, n) == 0 &&
	    (tag[n] == '\0' || tag[n] == '-');
}

const char *
language_plain(const char *tag)
{
	/* Those that share a script and have no list of words above. */
	static const char *const more[] = { "hi-Latn", "hi", "mr", "ru", "uk",
		"bg", "ar", "fa", "ur", "zh", "ja", NULL };
	const char *p;
	size_t i;

	/* Nearly all are of two letters. */
	if (tag[0] == '\0' || tag[1] == '\0' || tag[2] == '\0' ||
	    strchr(tag, '-') == NULL)
		return tag;
	for (i = 0; more[i] != NULL; i++)
		if (language_in_range(tag, more[i]))
			return more[i];
	for (i = 0; i < LISTS; i++)
		if (language_in_range(tag, lists[i].tag))
			return lists[i].tag;
	for (i = 0; i < SCRIPTS; i++) {
		p = script_tags[i];
		if (p != NULL && language_in_range(tag, p))
			return p;
	}
	return tag;
}

/* The codes of two letters of ISO 639. */
static const char codes[] =
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch "
    "co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga "
    "gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja "
    "jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv "
    "mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq "
    "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve "
    "vi vo wa wo xh yi yo za zh zu ";

/* What people write instead: a country, a name, codes of three letters. */
static const struct {
	const char *wrong, *right;
} meant[] = { { "jp", "ja" }, { "cn", "zh" }, { "gr", "el" }, { "dk", "da" },
	{ "cz", "cs" }, { "ua", "uk" }, { "gb", "en" }, { "us", "en" },
	{ "at", "de" }, { "vn", "vi" }, { "rs", "sr" }, { "ir", "fa" },
	{ "mx", "es" }, { "iw", "he" }, { "in", "id" }, { "eng", "en" },
	{ "spa", "es" }, { "deu", "de" }, { "ger", "de" }, { "fra", "fr" },
	{ "fre", "fr" }, { "ita", "it" }, { "por", "pt" }, { "nld", "nl" },
	{ "dut", "nl" }, { "pol", "pl" }, { "tur", "tr" }, { "rus", "ru" },
	{ "ara", "ar" }, { "hin", "hi" }, { "jpn", "ja" }, { "zho", "zh" },
	{ "chi", "zh" }, { "kor", "ko" }, { "ind", "id" }, { "swe", "sv" },
	{ "english", "en" }, { "spanish", "es" }, { "espanol", "es" },
	{ "castellano", "es" }, { "german", "de" }, { "deutsch", "de" },
	{ "french", "fr" }, { "francais", "fr" }, { "italian", "it" },
	{ "italiano", "it" }, { "dutch", "nl" }, { "polish", "pl" },
	{ "polski", "pl" }, { "turkish", "tr" }, { "turkce", "tr" },
	{ "russian", "ru" }, { "arabic", "ar" }, { "hindi", "hi" },
	{ "japanese", "ja" }, { "chinese", "zh" }, { "korean", "ko" },
	{ "swedish", "sv" }, { "svenska", "sv" }, { "catalan", "ca" } };
#define NMEANT (sizeof(meant) / sizeof(meant[0]))

/* The beginning of a tag in lower case; "" if it is too long for one. */
static void
first_part(const char *tag, size_t len, char ret[16])
{
	size_t i, n = 0;

	while (n < len && tag[n] != '-')
		n++;
	n = n < 16 ? n : 0;
	for (i = 0; i < n; i++)
		ret[i] = (char)(tag[i] | 0x20);
	ret[n] = '\0';
}

const char *
language_meant(const char *tag, size_t len)
{
	char part[16];
	size_t i;

	first_part(tag, len, part);
	for (i = 0; i < NMEANT; i++)
		if (strcmp(part, meant[i].wrong) == 0)
			return meant[i].right;
	return NULL;
}

bool
language_known(const char *tag, size_t len)
{
	char part[16];
	const char *p;

	first_part(tag, len, part);
	if (strlen(part) == 3)
		return language_meant(tag, len) == NULL;
	if (strlen(part) != 2)
		return false;
	for (p = codes; *p != '\0'; p += 3)
		if (p[0] == part[0] && p[1] == part[1])
			return true;
	return false;
}

static bool
is_told(const char *tag)
{
	static const char *const by_letters[] = { "hi", "mr", "ru", "uk", "bg",
		"ar", "fa", "ur", "zh", "ja", NULL };
	size_t i;

	for (i = 0; by_letters[i] != NULL; i++)
		if (language_in_range(tag, by_letters[i]))
			return true;
	for (i = 0; i < LISTS; i++)
		if (language_in_range(tag, lists[i].tag))
			return true;
	for (i = 0; i < SCRIPTS; i++)
		if (script_tags[i] != NULL &&
		    language_in_range(tag, script_tags[i]))
			return true;
	return false;
}

bool
language_may_be(const char *told, const char *tag)
{
	/* Short texts of the two may be the same. */
	static const char *const near[][2] = { { "da", "no" }, { "da", "sv" },
		{ "no", "sv" }, { "ru", "bg" }, { "ru", "uk" }, { "hi", "mr" },
		{ "ar", "fa" }, { "fa", "ur" }, { "ar", "ur" },
		{ "es", "ca" } };
	char a[16], b[16];
	size_t i;

	if (!is_told(tag))
		return true;
	first_part(told, strlen(told), a);
	first_part(tag, strlen(tag), b);
	for (i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		if ((strcmp(a, near[i][0]) == 0 &&
			strcmp(b, near[i][1]) == 0) ||
		    (strcmp(a, near[i][1]) == 0 && strcmp(b, near[i][0]) == 0))
			return true;
	return strcmp(a, b) == 0;
}
