# Polskie słowa, które rzadko nazywają rzecz, z każdą końcówką.
razem później wkrótce wcześnie prawie daleko blisko często czasem zwykle zaraz szybko wolno
nowy stary duży mały długi krótki wysoki niski trudny łatwy szybki cały pierwszy drugi ostatni następny inny różny dokładny dobry zły szczególny ogólny własny
dostać wziąć brać dać dawać zacząć zaczynać znaleźć zostawić trzymać przyjść przychodzić stać znaczyć zdarzyć działać trwać trwa pokazać wybrać rozumieć myśleć czekać używać widzieć mogłem
czas czasu dzień dnia tydzień miesiąc rok godzina minuta raz
mężczyzna kobieta mąż żona syn córka matka ojciec brat siostra przyjaciel ludzie osoba
miejsce strona koniec część przypadek numer liczba powód przykład problem rodzaj sposób
