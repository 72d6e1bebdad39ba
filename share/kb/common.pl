# Słowa polskich pytań, które nie mówią, czego się szuka.
ja ty on ona ono my wy oni one mnie mi ciebie ci cię jego jej jemu go nas nam was wam ich im nimi się siebie sobie mój moja moje moi mojego mojej moich moją twój twoja pan pani państwo pana wasz wasza wasze wasi waszego waszej nasz nasza nasze swój swoja swoje swoją
ten ta to te ci tego tej tym tych tę tą tamten tak taki taka takie tam tu tutaj
jest są być był była było były będzie będą będę jestem jesteś jesteście jesteśmy
mogę możesz może możemy możecie mogą można trzeba należy muszę musi musimy musicie powinien powinna chcę chce chcemy chcecie chciałbym chciałabym chcieć mam masz ma mamy macie mają mieć
co czego czemu czym kto kogo komu gdzie dokąd skąd kiedy dlaczego czemu po jak jaki jaka jakie jakiego jakiej jakich jaką ile ilu który która które której którego czy czyj
i a ale lub albo oraz jeśli jeżeli żeby aby bo więc nie tak też także już jeszcze tylko nawet bardzo więcej mniej dużo mało wszystko wszyscy wszystkie zawsze nigdy teraz dziś dzisiaj potem coś ktoś jakiś jakieś jakąś żaden każdy
w we na z ze do od dla bez przez między przed po obok pod nad przy o u za
cześć dzień dobry witam wieczór dziękuję dzięki proszę przepraszam powiedzieć powiedzcie pytanie wiedzieć pomoc pomóc możliwe potrzebuję
robicie robić zrobić robię
