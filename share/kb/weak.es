# Palabras que rara vez nombran lo que se pregunta, con cualquier terminación.
juntos aparte luego despues pronto bastante casi cerca lejos nuevo viejo propio entero medio primero segundo ultimo proximo distinto diferente seguro normal original posible facil dificil corto largo lento alto bajo exacto correcto general especial actual
dejar deja quedar queda coger cojo empezar empieza parar llamar poner pone puesto traer llevar lleva llevo seguir sigue intentar salir sale entrar acuerdo acordar recordar pensar creer pasar gastar gasto permitir venir viene venia vienen aceptar aparecer bastar comprobar conocer contar continuar creo decidir depender desear entender escoger esperar existir explicar faltar funcionar funciona incluir lograr mirar mostrar necesitar notar obtener ocurrir ofrecer parecer preferir probar recibir resolver resultar servir sirve significar significa significan suceder suponer terminar tratar usar utilizar vivir volver habeis hemos sucedio hablar
tiempo vez dia semana mes ano momento rato minuto hora
hombre mujer marido hijo hija madre padre hermano hermana amigo amiga chico chica gente
sitio lugar lado fin parte punto caso numero cantidad razon ejemplo problema diferencia motivo
bien mal peor bueno malo grande pequeno rapido despacio completamente vuestra vuestro querer
