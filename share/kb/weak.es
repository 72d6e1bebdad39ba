# Palabras que rara vez nombran lo que se pregunta.
juntos aparte luego despues pronto bastante casi cerca lejos nuevo nueva viejo vieja propio propia entero medio primero primera segundo ultimo ultima proximo distinto diferente seguro
dejar deja dejo quedar queda quedan queda cojo coger empezar empieza parar llamar llama parece poner pone puesto traer llevar lleva llevo seguir sigue intentar salir sale entrar acuerdo acordar recordar pensar creer pasar gastar gasto permitir
tiempo vez veces dia semana semanas mes meses ano anos momento rato
hombre mujer marido hijo hija madre padre hermano hermana amigo amiga chico chica gente
sitio lugar lado fin parte partes punto caso numero cantidad razon ejemplo
bien mal peor bueno buena malo grande pequeno rapido despacio completamente correcto vuestra vuestro venia
