# Słowa, których klient używa zamiennie. Grupa w wierszu.
paczka, przesyłka
dostawa, dostarczyć, wysyłka, wysłać, kurier, dowóz, przywieźć
zwrot, zwrócić, oddać, zwrot pieniędzy
wymiana, wymienić, zamienić
odwołać, anulować, odwołanie, zrezygnować, rezygnacja
przełożyć, zmienić, przesunąć
zepsuty, uszkodzony, wadliwy, zniszczony
zgubiony, zaginął, brakuje, nie dotarła
cena, koszt, kosztuje, kosztują, opłata, cennik, ile kosztuje, złotych, zapłacić
płatność, płacić, zapłacić, płacę, zapłata, przyjmujecie
karta, kartą, karta kredytowa
gotówka, gotówką
raty, na raty
zniżka, rabat, promocja, kod rabatowy
faktura, rachunek, paragon
sklep, salon, oddział, lokal
godziny otwarcia, otwarte, otwarty, czynne, czynny, czynni, zamknięte, zamknięty, otwieracie, zamykacie
adres, znajduje, dojazd, lokalizacja, dojechać, gdzie jest, gdzie jesteście
kontakt, telefon, zadzwonić, skontaktować
pracownik, człowiek, konsultant
konto, profil, logowanie, zalogować
hasło, kod
usunąć, skasować
gwarancja, rękojmia
naprawa, naprawić
rozmiar, wymiar
wizyta, wizytę, umówić, termin, rezerwacja, zarezerwować, umawianie
opóźnienie, spóźniony
dostępny, dostępność, w magazynie
kupić, zamówić, zamówienie, zakup
darmowy, za darmo, bezpłatny, bez opłat, gratis
odbiór, odebrać
parking, parkować, zaparkować, parkują
pies, zwierzę
praca, oferta pracy
wynajem, wypożyczyć, wynająć
członek, członkostwo, karnet
ważny, ważna, ważność, wygasa
skarga, reklamacja
za granicę, zagranica
karta podarunkowa, bon
farbowanie, farbować, koloryzacja
strzyżenie, obciąć, cięcie, ostrzyc
