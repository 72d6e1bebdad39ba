# Ord som en kund tar för varandra. En grupp per rad.
paket, försändelse, leverans
leverera, leverans, skicka, frakt, hemleverans
återbetalning, pengarna tillbaka, återbetala
returnera, retur, lämna tillbaka, skicka tillbaka
byta, byte, utbyte, ersätta
avboka, avbeställa, avbokning, ställa in
boka om, ändra, flytta
trasig, skadad, sönder, defekt
borta, förlorad, saknas, inte kommit fram
pris, kostnad, kosta, kostar, avgift, kronor, hur mycket
betala, betalning, acceptera
kort, kreditkort, bankkort
kontant, kontanter
rabatt, kampanj, rabattkod
faktura, räkning, kvitto
butik, affär
öppettider, öppet, öppen, stängt, stängd, stänga, öppna
helg, lördag, söndag
adress, hitta hit, ligger ni, var ligger
kontakt, nå, ringa, telefon
person, medarbetare, människa
konto, profil, logga in, inloggning
lösenord, kod
ta bort, radera
garanti, reklamation
laga, reparera, reparation, åtgärda
storlek, mått
batteri, laddning
boka, bokning, tid, reservera
försenad, försening
lager, tillgänglig
köpa, beställa, beställning, köp
gratis, kostnadsfritt
hämta, avhämtning
parkera, parkering
hund, husdjur, djur
jobb, arbete, praktik
hyra, uthyrning, låna
medlem, medlemskap, bli medlem
gälla, giltig, gå ut
klagomål, klaga
utomlands, utlandet
presentkort, gåvokort
bil, fordon
