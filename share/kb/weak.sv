# Svenska ord som sällan nämner saken, med varje ändelse.
tillsammans senare snart tidigt nästan långt nära vänster höger ofta ibland normalt tillbaka
ny gammal stor liten lång kort hög låg svår lätt snabb långsam hel halv första sista nästa olika säker rätt fel bra dålig särskild allmän egen
hitta låta stanna hålla ta komma stå ligga sätta ställa lägga börja sluta försöka kalla betyda hända fungera dröja visa välja förstå tro tänka vänta använda se
tid dag vecka månad år timme minut gång
man kvinna son dotter mor far bror syster vän folk
plats sida slut del punkt fall nummer antal skäl exempel problem sort sätt
