# Palabras que un cliente toma por iguales. A group a line.
paquete, envío, pedido
envío, entrega, enviar, entregar, mandar, reparto, llegar, mensajero
reembolso, reembolsar, devolver el dinero, devolución del dinero, mi dinero, dinero de vuelta
devolver, devolución, regresar
cambiar, cambio, sustituir
cancelar, cancelación, anular, anulación
roto, dañado, defectuoso, daño, estropeado, averiado, golpeado, no funciona
perdido, extraviado, no llega, no ha llegado, falta, faltan
precio, coste, costar, cuesta, vale, tarifa, cuánto
pagar, pago, abonar, aceptar, aceptan, aceptáis
tarjeta, tarjeta de crédito, visa, mastercard
descuento, cupón, código promocional, promoción
tarjeta regalo, vale regalo, cheque regalo
factura, recibo, ticket
tienda, local, sucursal, establecimiento
horario, abren, abierto, cierran, cerrado, ^a qué hora, ^qué hora
dirección, ubicación, cómo llegar, encontrarnos, nos encontrarás, dónde están, dónde estáis, dónde está vuestra, dónde está su, situada
contactar, contacto, comunicarme
teléfono, llamar, llamada
correo, correo electrónico, email, e-mail, mail
persona, agente, humano, alguien, asesor, empleado
cuenta, perfil, iniciar sesión, usuario
contraseña, clave
borrar, eliminar, suprimir
modificar, editar, cambiar
garantía, cobertura
reparar, reparación, arreglar, arreglo
talla, tamaño, medida, altura
batería, acumulador, pila
cargar, carga, recargar
bicicleta, bici, cicla
bicicleta eléctrica, e-bike, bici eléctrica
aduana, aranceles
extranjero, internacional, otro país
recoger, recogida, retirar
cita, reserva, reservar, turno
seguimiento, rastrear, rastreo, localizar, dónde está mi
repartidor, mensajero, transportista
tarde, retraso, retrasado, demora
disponible, disponibilidad, existencias, stock
suscripción, boletín
privacidad, datos personales, protección de datos
reclamación, queja, reclamar
comprar, compra, pedir, pedido, encargar
gratis, gratuito, sin coste
plazos, cuotas, financiar
taller, mecánico, revisión
montar, montaje, montada, ensamblar
robo, robada, robar
caducar, caducidad, vence, válido, caduca
equivocado, incorrecto, erróneo
empezar, comenzar
rápido, urgente, exprés, express
niño, niña, niños, infantil
empresa, compañía
iva, impuesto
pinchazo, rueda pinchada, pinchada, pinchado, pinchar
último, más reciente, más nuevo, actual
elegir, escoger, seleccionar
prestar, préstamo, sustitución
olvidar, olvidado, no recuerdo, no me acuerdo, perdí la
al mes, mensual, por mes
saldo, queda en, restante
luz, faro
romper, rota, roto, partido, dañado
hermano, hermana, amigo, amiga, mujer, marido, madre, padre, otra persona, en mi nombre
avión, vuelo, volar, aeronave
no estoy en casa, no estoy, no hay nadie, ausente
# La clase de respuesta que pide una pregunta.
cuánto tiempo, cuánto tarda, cuánto dura, días, semanas, horas, minutos, meses
^a qué hora, horario, horarios
# De cualquier servicio.
rechazar, rechazada, denegar, no aceptada
bloquear, bloqueada, bloqueado, suspender
registrarse, registrar, registrarme, registro, crear una cuenta, darme de alta, alta
añadir, agregar, sumar
darse de baja, baja, cancelar
idioma, lengua, hablar
aparcar, aparcamiento, parking
perro, mascota, animal
mojar, lluvia, agua
descargar, bajar, exportar
internet, conexión, red, en línea, online
recuperar, restaurar
espacio, almacenamiento, capacidad
compartir, enviar a otra persona
gastos, pagar, coste
velocidad, rápido
peso, pesar, pesado
producto, artículo
multa, recargo, penalización
renovar, prorrogar, ampliar
programa, aplicación, app
foto, imagen
seguridad, seguro, proteger, cifrar
error, fallo, código de error
significar, significado, quiere decir
activar, encender, habilitar
desactivar, apagar, deshabilitar
trabajo, empleo, vacante
alquilar, alquiler
socio, miembro, afiliarse
guardar, almacenar, conservar
probar, prueba
^puedo llevar, ^puedo traer, ^podemos llevar, ^podemos traer, ^se puede llevar, ^se puede traer, ^puedo ir con, permitido, permiten, admiten, admitidos, bienvenidos
