# Words of Spanish questions that say nothing about what is asked for.
el la los las lo un una unos unas este esta esto estos estas ese esa eso esos esas aquel aquella mi mis tu tus su sus nuestro nuestra nuestros vuestro me te se le les nos os yo usted ustedes el ella ellos nosotros vosotros mio mia
es son era fue ser soy eres sea esta estan estoy estas estar estado hay ha he han has haber habia hubo
puedo puede pueden puedes podria podrian poder podemos quiero quiere quieren quisiera queria querer necesito necesita necesitamos necesitar tengo tiene tienen tienes tener tenemos debo debe hago hace hacen hacer hacemos hizo doy dar da dan voy va van ir
que cual cuales quien quienes como cuando donde porque por cuanto cuanta cuantos cuantas q xq pq
y e o u ni pero si sino pues aunque mientras
de del en a al con sin para sobre entre desde hasta hacia segun tras durante contra
no tambien tampoco ya aun todavia muy mas menos tan tanto mucho mucha muchos muchas poco algo nada alguien nadie todo toda todos todas otro otra otros mismo misma cada algun alguno alguna ningun solo siempre nunca asi entonces ahora aqui ahi alli
hola buenos buenas dias tardes noches gracias favor porfa porfavor disculpe disculpa perdon saludos estimados
saber sabe decir dime diga diganme digame ayuda ayudar ayudarme gustaria posible manera forma cosa cosas pregunta duda pasa ocurre sucede hoy ver
ofrecer ofrece ofrecen ofreceis
sois estais habeis teneis podeis quieres quereis haceis haces
