# Ord i svenska frågor som inte säger vad som söks.
en ett den det de dem denna detta dessa här där som
jag du han hon vi ni man mig dig oss er sig min mitt mina din ditt dina hans hennes vår vårt våra ert era
är var vara varit blir bli har hade ha kan kunde ska skall skulle måste vill ville får få fick gör göra gjort går gå ger ge finns finnas finner
vad vem var vart när hur vilken vilket vilka varför varifrån
och eller men om att så då för eftersom än
i på av till från med utan hos under över mellan genom efter före innan vid per
inte nej ja ingen inget inga också bara även redan ännu mycket mer mindre lite något någon några allt alla annan annat andra varje nu alltid aldrig medan
hej hejsan god morgon dag kväll tack snälla ursäkta veta säga fråga undrar hjälp hjälpa behöver behöva möjligt
erbjuder erbjuda
